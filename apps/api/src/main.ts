import { runService } from '@pco/shared/service';
import { startApi } from './service.ts';

await runService('api', process, startApi);

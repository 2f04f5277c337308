import { runService } from '@pco/shared/service';
import { startPlaneWriter } from './service.ts';

await runService('plane-writer', process, startPlaneWriter);

import { runService } from '@pco/shared/service';
import { startPoller } from './service.ts';

await runService('poller', process, startPoller);

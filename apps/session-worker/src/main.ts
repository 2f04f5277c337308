import { runService } from '@pco/shared/service';
import { startSessionWorker } from './service.ts';

await runService('session-worker', process, (config, log, { env }) => startSessionWorker(config, log, { env }));

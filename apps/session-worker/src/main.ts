import { runService } from '@pco/shared/service';
import { startSessionWorker } from './service.ts';

const stop = () => void process.kill(process.pid, 'SIGTERM');
await runService('session-worker', process, (config, log, { env }) => startSessionWorker(config, log, { env, stop }));

import { runProgram } from '@pco/shared/service';
import { HELP, readConfig } from './config.ts';
import { startTmuxSessionService } from './service.ts';

if (process.argv.includes('--help')) process.stdout.write(HELP);
else
  await runProgram(process, {
    name: 'tmux-session-service',
    read: readConfig,
    start: (config, log, { pid }) => startTmuxSessionService(config, log, pid),
  });

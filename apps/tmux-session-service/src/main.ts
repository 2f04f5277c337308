import { isCode, messageOf } from '@pco/shared/errors';
import { createLogger } from '@pco/shared/log';
import { startTracing, stopWithGrace } from '@pco/shared/service';
import { HELP, readConfig } from './config.ts';
import { startTmuxSessionService } from './service.ts';

const NAME = 'tmux-session-service';
let log = createLogger(NAME);
try {
  if (process.argv.includes('--help')) process.stdout.write(HELP);
  else {
    const config = readConfig(process.env, process.cwd());
    if (process.argv.includes('--check-config')) process.stdout.write('the configuration is valid\n');
    else {
      log = createLogger(NAME, config.logLevel);
      await using stack = new AsyncDisposableStack();
      stack.use(await startTracing(NAME, config.tracesTo));
      stack.use(await startTmuxSessionService(config, log, process.pid));
      stopWithGrace(stack.move(), log);
    }
  }
} catch (err) {
  if (isCode(err, 'CONFIG_INVALID', 'DATA_DIR_TAKEN')) process.stderr.write(`${NAME}: ${messageOf(err)}\n`);
  else log.fatal({ err }, 'service could not start');
  process.exit(1);
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { runHeadless } from './run-headless.ts';
import { openTerminal } from './terminal.ts';

// Runs Claude Code headless within its session's terminal: main.ts CLAUDE [ARGUMENT…] PROMPT
// Its end is the end of this program, with its exit code.

const { argv, stdin, stdout } = process;
const { NODE_COMPILE_CACHE: _ours, ...env } = process.env;
const [claude = '', ...rest] = argv.slice(2);
const prompt = rest.pop() ?? '';
const { PCO_SESSION_DIR: dir, PCO_SESSION_ID: sessionId, PCO_SPOOL_DIR: spool } = env;
if (!dir || !sessionId || !spool || prompt === '') {
  process.stderr.write('It is started by the session-worker, for tickets of projects with mode: headless.\n');
  process.exit(1);
}

const child = spawn(claude, rest, { env, stdio: ['pipe', 'pipe', 'inherit'] });
child.stdin.on('error', () => undefined); // it has ended, which its exit tells
const terminal = openTerminal(stdin, stdout, {
  line: (words) => headless.say(words),
  interrupt: () => headless.interrupt(),
  end: () => child.stdin.end(),
});
const headless = runHeadless({
  dir,
  sessionId,
  spool,
  tell: (line) => void child.stdin.write(`${JSON.stringify(line)}\n`),
  show: terminal.show,
});
// whoever stops the session asks each of its processes: the agent's own end is ours
for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) process.on(signal, () => child.kill(signal));
const lines = createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY });
lines.on('line', headless.hear);
headless.say(prompt);

child.on('error', (err) => {
  process.stderr.write(`${claude}: ${err.message}\n`);
  process.exit(127);
});
await Promise.all([once(child, 'exit'), once(lines, 'close')]);
terminal.close();
const { exitCode, signalCode } = child;
process.exit(exitCode ?? 128 + (signalCode ? constants.signals[signalCode] : 0));

import { execFile } from 'node:child_process';
import { AppError } from '@pco/shared/errors';

const OUTPUT_MAX = 8 * 1024 * 1024;
const TOLD_LINES = 15;

export interface CommandRun {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Keeps everything that it printed, however it ended. */
  keep(output: string): Promise<unknown>;
}

/**
 * A project's own command, never through a shell.
 *
 * @throws AppError SETUP_FAILED with its last lines
 */
export async function runCommand({ argv, cwd, env, timeoutMs, signal, keep }: CommandRun): Promise<void> {
  const [program = '', ...args] = argv;
  const options = { cwd, env, timeout: timeoutMs, maxBuffer: OUTPUT_MAX, signal, killSignal: 'SIGKILL' as const };
  const { err, output } = await new Promise<{ err: Error | null; output: string }>((resolve) => {
    execFile(program, args, options, (failure, stdout, stderr) =>
      resolve({ err: failure, output: `${stdout}${stderr}` }),
    );
  });
  await keep(output);
  if (!err) return;
  if (signal.aborted) throw err; // nothing is wrong with it: another worker's by now, or we stop
  const isLate = 'killed' in err && err.killed === true;
  const how = isLate ? `did not end within ${timeoutMs / 1_000} s or printed too much` : err.message.split('\n', 1)[0];
  const last = output.trimEnd().split('\n').slice(-TOLD_LINES).join('\n');
  throw new AppError('SETUP_FAILED', { why: `${argv.join(' ')}: ${how}\n${last}` }, { cause: err });
}

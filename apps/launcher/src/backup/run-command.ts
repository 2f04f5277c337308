import { AppError, messageOf } from '@pco/shared/errors';
import { Refusal } from '../refusal.ts';

/** Runs a command line: wrong options end it with its usage (2), what it refuses with the reason alone (1). */
export async function runCommand(main: (argv: readonly string[]) => Promise<void>, usage: string): Promise<void> {
  try {
    await main(process.argv.slice(2));
  } catch (err) {
    const isUsage = err instanceof TypeError; // of parseArgs
    if (!isUsage && !(err instanceof Refusal) && !(err instanceof AppError)) throw err;
    process.stderr.write(isUsage ? `${messageOf(err).split('. ')[0]}\n\n${usage}` : `${messageOf(err)}\n`);
    process.exitCode = isUsage ? 2 : 1;
  }
}

import { run } from './run.ts';

// `pco`: everything that an operator does from a terminal, over the api.
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
    process.exitCode = signal === 'SIGINT' ? 130 : 143;
    setTimeout(() => process.exit(), 200).unref(); // what is under way needs no end
  });
process.stdout.on('error', () => process.exit(0)); // `pco list | head`
const { stdout, stderr, stdin, env, argv } = process;
const code = await run({ stdout, stderr, stdin, env, argv: argv.slice(2) }, stop.signal);
process.exitCode ??= code;

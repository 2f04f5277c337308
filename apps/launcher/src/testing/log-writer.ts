import { createLogLines } from '../log-lines.ts';

// Writes numbered lines until it is killed, or as many as it is told: `log-writer.ts FILE RUN COUNT`.
const [path = '', run = '', count = ''] = process.argv.slice(2);
const file = { path, maxMb: 0.01, maxDays: 0, keep: 200 };
const levels = { level: 'silent', file_level: 'debug' } as const;
const lines = createLogLines({
  format: 'none',
  levels,
  file,
  color: false,
  write: (text) => process.stderr.write(text),
});
const AT_ONCE = 20;
for (let at = 0; at < Number(count); at += AT_ONCE) {
  for (let n = at; n < at + AT_ONCE; n++) lines.own('info', 'a line of a writer that may be killed', { run, n });
  await new Promise(setImmediate);
}
await lines[Symbol.asyncDispose]();

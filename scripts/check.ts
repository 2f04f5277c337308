import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

// `npm run check`: format, lint, types, unit tests, through turbo, which skips what has not changed.

const ROOT = resolve(import.meta.dirname, '..');
const { status } = spawnSync(
  join(ROOT, 'node_modules/.bin/turbo'),
  ['run', 'check:biome', 'check:types', 'check:unit', '--ui=stream', ...process.argv.slice(2)],
  {
    cwd: ROOT,
    stdio: 'inherit',
    env: {
      ...process.env,
      TURBO_TELEMETRY_DISABLED: '1',
      DO_NOT_TRACK: '1',
      PATH: `${join(process.execPath, '..')}:${process.env.PATH ?? ''}`,
    },
  },
);
process.exitCode = status ?? 1;

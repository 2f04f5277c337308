import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startClock } from './operator/clock.ts';
import { inContainers } from './operator/in-containers.ts';
import { onPlainHost } from './operator/plain-host.ts';

// `npm run test:operator [-- host|containers]`: somebody who knows the README and nothing else. In a fresh clone of the last
// commit, with an empty home: its commands, the address that they print, a ticket approved in a real browser. Timed.

const ROOT = resolve(import.meta.dirname, '..');
const WAYS = { host: onPlainHost, containers: inContainers };
type Way = keyof typeof WAYS;
/** Nothing of what npm gave us, nor of an installation that is here already. */
const OURS = /^(npm_|PCO_|COMPOSE_|NODE_OPTIONS$|NODE_COMPILE_CACHE$|INIT_CWD$|TMUX)/i;

async function go(way: Way): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), `pco-operator-${way}-`));
  const home = join(dir, 'home');
  const clone = join(dir, 'clone');
  mkdirSync(home);
  const env = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !OURS.test(name))),
    PATH: (process.env.PATH ?? '')
      .split(':')
      .filter((folder) => !folder.includes('node_modules'))
      .join(':'),
    HOME: home,
    DOCKER_CONFIG: process.env.DOCKER_CONFIG ?? join(homedir(), '.docker'), // where its plugins are
  };
  const clock = startClock(way);
  try {
    await clock.step('git clone', async () => execFileSync('git', ['clone', '-q', ROOT, clone], { env }));
    await WAYS[way](clone, env, clock);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const asked = process.argv.slice(2);
  const ways = asked.length > 0 ? asked : Object.keys(WAYS);
  for (const way of ways) {
    if (!(way in WAYS)) throw new Error(`usage: npm run test:operator [-- ${Object.keys(WAYS).join('|')}]`);
    await go(way as Way); // as just looked
  }
}

await main().catch((err: unknown) => {
  console.error(`test:operator: ${err instanceof Error ? err.message : String(err)}`);
  process.exitCode = 1;
});

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { which } from '@pco/shared/run-program';
import { GenericContainer, getContainerRuntimeClient } from 'testcontainers';
import { buildDashboard } from '../apps/launcher/src/dashboard.ts';
import { Refusal } from '../apps/launcher/src/refusal.ts';
import { installPackages, isInstalled } from '../apps/launcher/src/system-packages.ts';
import { createTerminal, type Terminal } from '../apps/launcher/src/terminal.ts';
import { fetchClaude } from './support/claude/fetch-claude.ts';
import { findChromium } from './support/find-chromium.ts';
import { findKubectl } from './support/kubernetes/find-kubectl.ts';
import { endLeftovers } from './support/leftovers.ts';
import { fetchPrometheus } from './support/prometheus/fetch-prometheus.ts';

// `npm test`: brings what the tests need and says so, then runs them all: unit, integration, end-to-end.
// Arguments go to vitest, so `npm test -- --project unit` runs a part.

const ROOT = resolve(import.meta.dirname, '..');

/** @returns environment for the tests, and what to end after them */
async function provideRedis(terminal: Terminal): Promise<{ env: Record<string, string>; end: () => Promise<void> }> {
  const engine = await getContainerRuntimeClient().then(
    () => true,
    () => false,
  );
  if (engine) {
    // without this, testcontainers would fetch a clean-up image of its own
    process.env.TESTCONTAINERS_RYUK_DISABLED ??= 'true';
    const started = await terminal
      .during('starting Redis in a container (testcontainers, redis:7)', () =>
        new GenericContainer('redis:7').withExposedPorts(6379).start(),
      )
      .catch((err: unknown) => {
        terminal.say(`no container: ${String(err).split('\n', 1)[0]}`);
        return undefined;
      });
    if (started) {
      const url = `redis://${started.getHost()}:${started.getMappedPort(6379)}`;
      terminal.say(`Redis for the tests: a container of redis:7 (${url})`);
      return { env: { REDIS_URL: url }, end: async () => void (await started.stop()) };
    }
  }
  if (!which('redis-server') && !which('valkey-server')) await installPackages(['redis'], terminal);
  terminal.say(
    `Redis for the tests: private servers of ${which('redis-server') ?? which('valkey-server')}, because no container of redis:7 can be had`,
  );
  return { env: {}, end: async () => {} };
}

async function main(): Promise<number> {
  const assumeYes = process.argv.includes('--yes');
  const terminal = createTerminal(process, assumeYes);
  const args = process.argv.slice(2).filter((arg) => arg !== '--yes');
  await installPackages(
    (['tmux', 'git', 'curl'] as const).filter((need) => !isInstalled(need)),
    terminal,
  );
  const chromium = findChromium() ?? (await bringChromium(terminal));
  terminal.say(
    chromium
      ? `Chromium for the tests: ${chromium}`
      : 'no Chromium can be had: the tests of the dashboard in a browser are skipped',
  );
  await buildDashboard(terminal);
  const redis = await provideRedis(terminal);
  const claude = await fetchClaude(terminal.say);
  terminal.say(`Claude Code for the tests: ${claude.version}`);
  const prometheus = await fetchPrometheus(terminal.say);
  terminal.say(
    prometheus
      ? `Prometheus for the tests: ${prometheus}`
      : 'no Prometheus can be had: the tests that need it are skipped',
  );
  const kubectl = findKubectl();
  terminal.say(
    kubectl ? `kubectl for the tests: ${kubectl}` : 'no kubectl is here: the overlays of Kubernetes are not rendered',
  );
  const folder = mkdtempSync(join(tmpdir(), 'pco-test-'));
  try {
    const env = {
      TMPDIR: folder,
      ...redis.env,
      PCO_TEST_CLAUDE: claude.path,
      PCO_TEST_PROMETHEUS: prometheus ?? '',
    };
    return await vitest(args, env);
  } finally {
    // each by itself: what one of them cannot do keeps no other from its work, and nothing of it changes the outcome
    const tidy = async (what: string, work: () => unknown) => {
      const limit = delay(TIDY_MS).then(() => Promise.reject(new Error('it takes too long')));
      await Promise.race([(async () => work())(), limit]).catch((err) => terminal.say(`${what}: ${String(err)}`));
    };
    await tidy('what is left running', async () => {
      const left = await endLeftovers(folder);
      if (left.length > 0) terminal.say(`ended what the tests left running:\n${left.join('\n')}`);
    });
    await tidy(`removing ${folder}`, () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
    await tidy('ending Redis', redis.end);
  }
}

const TIDY_MS = 30_000;

/** Pages are tested in a real browser; a machine that cannot have one runs everything else. */
async function bringChromium(terminal: Terminal): Promise<string | undefined> {
  try {
    await installPackages(['chromium'], terminal);
  } catch (err) {
    if (!(err instanceof Refusal)) throw err;
    terminal.say(err.message);
  }
  return findChromium();
}

function vitest(args: readonly string[], env: Record<string, string>): Promise<number> {
  const manifest = createRequire(import.meta.url).resolve('vitest/package.json');
  const child = spawn(process.execPath, [join(manifest, '..', 'vitest.mjs'), 'run', ...args], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...env, PATH: `${join(process.execPath, '..')}:${process.env.PATH ?? ''}` },
  });
  // a terminal sends these to the whole group: vitest ends, and we clean up behind it
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((done) => child.on('exit', (code) => done(code ?? 1)));
}

process.exit(await main()); // whatever could not be ended in time must not keep us here

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigInput } from '@pco/shared/config';
import { type Core, openCore } from '@pco/shared/engine';
import { createLogger } from '@pco/shared/log';
import { testConfig, trigger } from '@pco/shared/testing';
import { freePort } from '@pco/shared/testing/free-port';
import { EventSource, MessageEvent } from 'undici';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { startRedisUnderTest } from './support/redis-under-test.ts';
import { type ServiceProcess, serviceProcess } from './support/service-process.ts';
import { until } from './support/until.ts';

const READERS = Number(process.env.PCO_EVENT_READERS ?? 20);
const EVENTS = Number(process.env.PCO_EVENTS ?? 800);
const PATIENCE_MS = 60_000 + EVENTS * 30;

test(`${READERS} browsers hear each of ${EVENTS} changes once and in order, while two apis are killed and replaced and Redis is restarted`, {
  timeout: PATIENCE_MS * 6, // each wait ends before it, and then nothing is left running
}, async () => {
  await using stack = new AsyncDisposableStack();
  const dir = mkdtempSync(join(tmpdir(), 'pco-events-'));
  stack.defer(() => rmSync(dir, { recursive: true, force: true }));
  const redis = stack.use(await startRedisUnderTest(join(dir, 'redis')));
  const apis = [await startApi('one'), await startApi('two')] as const;
  const [one, two] = apis;
  const config = testConfig({ redis: { url: redis.url, prefix: 'events' } });
  const core = stack.use(await openCore(config, createLogger('test', 'silent'), 'wait'));
  const browsers = Array.from({ length: READERS }, (_, at) => stack.use(browser(apis[at % 2 === 0 ? 0 : 1].url)));
  await until('everybody listens', () => browsers.every(({ isGreeted }) => isGreeted()), PATIENCE_MS);

  const deeds: readonly (() => Promise<unknown>)[] = [
    () => restart(one.service, 'kill'),
    () => redis.kill().then(() => redis.start()),
    () => restart(two.service, 'stop'),
    () => restart(one.service, 'stop'),
    async () => undefined,
  ];
  for (const [at, deed] of deeds.entries()) await Promise.all([change(core, EVENTS / deeds.length, `T${at}`), deed()]); // it goes on meanwhile

  const all = (await core.redis.client.xrange(core.redis.keys.events, '-', '+')).map(([id]) => id);
  expect(all.length).toBeGreaterThanOrEqual(EVENTS);
  await until(
    'everybody has heard the last',
    () => browsers.every(({ ids }) => ids.at(-1) === all.at(-1)),
    PATIENCE_MS,
  );
  for (const { ids, resets } of browsers) {
    expect(resets()).toBe(0);
    expect(ids).toEqual(all);
  }

  async function startApi(name: string): Promise<{ url: string; service: ServiceProcess }> {
    const port = await freePort();
    const settings: ConfigInput = {
      plane: {
        api_url: 'http://127.0.0.1:9/api/v1',
        api_token: 'nobody-asks',
        workspace_slug: 'acme',
        project_ids: ['p'],
      },
      automation: { repo_path: dir },
      api: { port, event_readers_per_client: READERS },
      redis: { url: redis.url, prefix: 'events' },
      data_dir: join(dir, name),
    };
    mkdirSync(join(dir, name));
    const file = join(dir, `${name}.yaml`);
    writeFileSync(file, stringify(settings));
    const env = { PATH: process.env.PATH ?? '', HOME: dir, PCO_CONFIG: file };
    const service = serviceProcess({ name: 'api', env, logFile: join(dir, `${name}.log`) });
    stack.defer(() => service.kill());
    service.start();
    await until(`api ${name} answers`, () => isReady(port), PATIENCE_MS);
    return { url: `http://127.0.0.1:${port}`, service };
  }
});

const isReady = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/livez`).then(
    ({ ok }) => ok,
    () => false,
  );

async function restart(service: ServiceProcess, how: 'kill' | 'stop'): Promise<void> {
  await service[how]();
  service.start();
}

/** Tickets that begin and are skipped again, some at a time. */
async function change(core: Core, events: number, project: string): Promise<void> {
  const rounds = Array.from({ length: Math.ceil(events / 2) }, (_, at) => at + 1);
  const work = async () => {
    for (let number = rounds.shift(); number !== undefined; number = rounds.shift()) {
      const head = { ticketId: `${project}-${number}`, cid: 'cid' };
      const seen = { ...trigger(), id: `seen-${project}-${number}`, ...head } as Parameters<Core['apply']>[0]; // the head completes it
      await core.apply(seen, { once: true });
      await core.apply(
        { type: 'person.cancelled', by: 'ada', id: `gone-${project}-${number}`, ...head },
        { once: true },
      );
    }
  };
  await Promise.all(Array.from({ length: 10 }, work));
}

/** As in a browser: it comes back by itself, with the last id. */
function browser(url: string) {
  const source = new EventSource(`${url}/api/events`);
  const ids: string[] = [];
  let isGreeted = false;
  let resets = 0;
  source.addEventListener('hello', () => {
    isGreeted = true;
  });
  source.addEventListener('reset', () => {
    resets += 1;
  });
  source.addEventListener('ticket', (event) => {
    if (event instanceof MessageEvent) ids.push(event.lastEventId); // undici's own, not the global one
  });
  return {
    ids,
    isGreeted: () => isGreeted,
    resets: () => resets,
    [Symbol.dispose]: () => source.close(),
  };
}

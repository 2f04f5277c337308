import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigInput } from '@pco/shared/config';
import { createKeys } from '@pco/shared/redis';
import { freePort } from '@pco/shared/testing/free-port';
import { Redis } from 'ioredis';
import { stringify } from 'yaml';
import { startRedisUnderTest } from '../e2e/support/redis-under-test.ts';
import { until } from '../e2e/support/until.ts';
import { startRawQueues } from './raw.ts';
import { type BenchChild, nextMessage, startChild } from './support/child.ts';
import { fillTickets } from './support/fill-tickets.ts';
import { createLoad, type Load } from './support/load.ts';
import { cpuMs, rssMb } from './support/process-usage.ts';
import type { Progress } from './support/progress.ts';
import type { Figure, Section } from './support/report.ts';
import { median } from './support/stats.ts';

const FEW = 500;
const MANY = 50_000;

export interface ApiOptions {
  /** Calls of each kind per round, and rounds. */
  readonly calls: number;
  readonly rounds: number;
  readonly loadMs: number;
  readonly progress: Progress;
}

/** The same calls, whatever the number of tickets. */
const CALLS = {
  'newest page': '/api/tickets',
  'pending of one project': '/api/tickets?status=pending&project=BENCH2',
  'all that are done': '/api/tickets?status=done&limit=50',
  'words in titles': '/api/tickets?text=invoice%20number',
} as const;
const RARE = '/api/tickets?text=never-written-anywhere';
const MIXED = [
  '/api/tickets',
  '/api/pending-tickets',
  '/api/tickets?status=pending,active,waiting,completed,failed',
  '/api/active-sessions',
  '/api/tickets/BENCH1-1',
  '/api/completed-tickets',
];

interface Served extends AsyncDisposable {
  readonly load: Load;
  readonly child: BenchChild;
  readonly buildMs: number;
}

/** What reading costs by the number of tickets, and what it leaves to the queues. */
export async function measureApi({ calls, rounds, loadMs, progress }: ApiOptions): Promise<Section[]> {
  await using stack = new AsyncDisposableStack();
  const dir = mkdtempSync(join(tmpdir(), 'pco-bench-api-'));
  stack.defer(() => rmSync(dir, { recursive: true, force: true }));
  const redis = stack.use(await startRedisUnderTest(join(dir, 'redis')));
  const client = new Redis(redis.url, { maxRetriesPerRequest: null });
  stack.defer(() => client.disconnect());
  const served = async (tickets: number): Promise<Served> => {
    progress.tick(`api: writing ${tickets} tickets`);
    await fillTickets(client, createKeys(`bench${tickets}`), tickets);
    return stack.use(await serve(dir, redis.url, `bench${tickets}`));
  };
  const few = await served(FEW);
  const many = await served(MANY);

  const lists: Figure[] = [];
  for (const [name, path] of Object.entries(CALLS)) {
    const costs: { few: number; many: number }[] = [];
    await costOf(few, path, calls);
    await costOf(many, path, calls);
    for (let round = 0; round < rounds; round += 1)
      costs.push({ few: await costOf(few, path, calls), many: await costOf(many, path, calls) });
    progress.tick(`api: ${name} measured`);
    const note = `CPU of the api per call; at ${FEW}: ${median(costs.map((cost) => cost.few)).toFixed(3)} ms`;
    lists.push(
      { name: `${name}, at ${MANY}`, value: median(costs.map((cost) => cost.many)), unit: 'ms', note },
      {
        name: `${name}, ${MANY} / ${FEW}`,
        value: median(costs.map((cost) => cost.many / cost.few)),
        unit: '',
        target: { below: 1.5 },
      },
    );
  }
  const rare = await costOf(many, RARE, Math.ceil(calls / 10));
  lists.push(
    { name: `words that occur nowhere, at ${MANY}`, value: rare, unit: 'ms', note: 'goes through every row' },
    { name: `memory of the api, at ${MANY}`, value: rssMb(many.child.pid), unit: 'MB', target: { below: 250 } },
    { name: `memory of the api, at ${FEW}`, value: rssMb(few.child.pid), unit: 'MB' },
    {
      name: `reading ${MANY} tickets at start`,
      value: many.buildMs,
      unit: 'ms',
      note: 'until /readyz, after it listens',
    },
  );

  const port = await freePort();
  const script = 'bench/programs/empty-route.ts';
  const [args, env, logFile] = [[String(port)], process.env, join(dir, 'empty.log')];
  const empty = stack.use(startChild({ name: 'empty-route', script, args, env, logFile }));
  await nextMessage(empty);
  const baseline = stack.use(createLoad(`http://127.0.0.1:${port}`));
  const rates: { empty: number; mixed: number }[] = [];
  await many.load.flatOut(MIXED, loadMs / 4);
  await baseline.flatOut(['/'], loadMs / 4);
  for (let round = 0; round < rounds; round += 1) {
    rates.push({ empty: await baseline.flatOut(['/'], loadMs), mixed: await many.load.flatOut(MIXED, loadMs) });
    progress.tick(`api: mixed reads, round ${round + 1} of ${rounds}`);
  }
  const emptyRate = median(rates.map((rate) => rate.empty));
  const reads: Figure[] = [
    {
      name: 'mixed reads / empty route',
      value: median(rates.map((rate) => rate.mixed / rate.empty)),
      unit: '',
      target: { atLeast: 1 / 3 },
    },
    { name: 'mixed reads', value: median(rates.map((rate) => rate.mixed)), unit: '/s' },
    { name: 'empty Fastify route', value: emptyRate, unit: '/s' },
  ];

  const redisPid = Number(/process_id:(\d+)/.exec(await client.info('server'))?.[1]);
  const raw = stack.use(await startRawQueues({ redisUrl: redis.url, redisPid, client, dir, inFlight: 100 }));
  const tickets = Math.ceil(loadMs / 4);
  const queues = async () => (await raw.chained(tickets)).jobsPerSecond;
  await queues();
  const third = emptyRate / 3;
  const speeds: { alone: number; empty: number; mixed: number; answered: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const alone = await queues();
    const [withEmpty] = await beside(queues, (until) => baseline.atRate(['/'], third, until));
    const [withMixed, answered] = await beside(queues, (until) => many.load.atRate(MIXED, third, until));
    speeds.push({ alone, empty: withEmpty, mixed: withMixed, answered });
    progress.tick(`api: queues beside reads, round ${round + 1} of ${rounds}`);
  }
  reads.push(
    {
      name: 'queues beside mixed reads / beside as many empty ones',
      value: median(speeds.map((speed) => speed.mixed / speed.empty)),
      unit: '',
      target: { atLeast: 0.8 },
      note: `${third.toFixed(0)} reads per second asked for, ${median(speeds.map((speed) => speed.answered)).toFixed(0)} answered`,
    },
    {
      name: 'queues beside mixed reads / alone',
      value: median(speeds.map((speed) => speed.mixed / speed.alone)),
      unit: '',
    },
    { name: 'jobs beside mixed reads', value: median(speeds.map((speed) => speed.mixed)), unit: '/s' },
    { name: 'jobs alone', value: median(speeds.map((speed) => speed.alone)), unit: '/s' },
  );
  return [
    {
      title: `Lists by the number of tickets`,
      about: [
        `Two apis, with ${FEW} and ${MANY} tickets of which the same 60 are on their way; calls in turn, one after the`,
        'other over one connection. CPU of the api process, because that is what a list costs.',
      ],
      figures: lists,
    },
    {
      title: 'Reading beside the queues',
      about: [
        `Lists, filters, documented lists and single tickets at ${MANY} tickets, 32 connections that take gzip, asked from the`,
        "bench's own process on the same cores. Baseline: a Fastify route that answers {}, asked alike. Queues: BullMQ alone on the same",
        "Redis, in the loop's shape, while a third of the empty route's rate is asked for.",
      ],
      figures: reads,
    },
  ];
}

async function serve(dir: string, redisUrl: string, prefix: string): Promise<Served> {
  const port = await freePort();
  const config: ConfigInput = {
    plane: {
      api_url: 'http://127.0.0.1:9/api/v1',
      api_token: 'nobody-asks',
      workspace_slug: 'acme',
      project_ids: ['p'],
    },
    automation: { repo_path: dir },
    api: { port, requests_per_minute: 0 }, // we ask for more than anybody may
    redis: { url: redisUrl, prefix },
    data_dir: join(dir, prefix),
  };
  mkdirSync(join(dir, prefix));
  const configFile = join(dir, `${prefix}.yaml`);
  writeFileSync(configFile, stringify(config));
  const env = { PATH: process.env.PATH, HOME: dir, PCO_CONFIG: configFile };
  const child = startChild({ name: prefix, script: 'apps/api/src/main.ts', env, logFile: join(dir, `${prefix}.log`) });
  const url = `http://127.0.0.1:${port}`;
  await until('the api answers', () => isOk(`${url}/livez`));
  const begun = performance.now();
  await until('its lists are there', () => isOk(`${url}/readyz`), 300_000);
  const load = createLoad(url);
  return {
    load,
    child,
    buildMs: performance.now() - begun,
    async [Symbol.asyncDispose]() {
      await load[Symbol.asyncDispose]();
      await child[Symbol.asyncDispose]();
    },
  };
}

const isOk = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );

async function costOf({ load, child }: Served, path: string, calls: number): Promise<number> {
  const before = cpuMs(child.pid);
  await load.oneByOne(path, calls);
  return (cpuMs(child.pid) - before) / calls;
}

/** What the work gives while the load goes on, and what the load gave. */
async function beside<Value>(
  work: () => Promise<Value>,
  load: (until: AbortSignal) => Promise<number>,
): Promise<[Value, number]> {
  const stop = new AbortController();
  const loading = load(stop.signal);
  try {
    const value = await work();
    stop.abort();
    return [value, await loading];
  } finally {
    stop.abort();
  }
}

import type { Config } from '@pco/shared/config';
import type { Status } from '@pco/shared/domain';
import { type Core, openBudget, poolsOfProjects } from '@pco/shared/engine';
import { webhookState } from '@pco/shared/plane';
import type { QueueFacts } from '@pco/shared/queue';
import {
  createRunnerStore,
  createWebhookStore,
  createWriteStopStore,
  EVERYWHERE,
  infoField,
  readMasters,
  redisNow,
  replicasToWaitFor,
} from '@pco/shared/redis';
import { SECOND_MS } from '@pco/shared/time';
import { startWaits } from '../waiting-starts.ts';

/** What all services share, at one moment. Times are seconds, and ages are by the clock of Redis. */
export interface SharedState {
  readonly tickets: Readonly<Record<Status, number>>;
  /** Age of the ticket that has been longest in a status, if there is one. */
  readonly ages: ReadonlyMap<Status, number>;
  readonly counters: ReadonlyMap<string, number>;
  readonly queues: ReadonlyMap<string, QueueState>;
  readonly runners: readonly RunnerFacts[];
  readonly slotsUsed: number;
  readonly outbox: { readonly items: number; readonly overdueSeconds: number; readonly setAside: number };
  readonly events: { readonly length: number; readonly lastId: string; readonly now: number };
  readonly budget: readonly { readonly kind: string; readonly used: number; readonly limit: number }[];
  readonly projects: readonly ProjectFacts[];
  readonly writeStops: { readonly all: number; readonly project: number };
  /** Approved tickets without a session, by what they wait for. */
  readonly startWaits: readonly { readonly code: string; readonly tickets: number }[];
  readonly webhooks: { readonly lastDeliverySeconds: number; readonly isHealthy: boolean };
  /** Every master of Redis. */
  readonly servers: readonly ServerState[];
  /** How many replicas must have a decision before it counts. */
  readonly replicasWanted: number;
}

export type QueueState = QueueFacts & { readonly oldestSeconds: number };

interface ServerState {
  readonly node: string;
  readonly usedBytes: number;
  readonly maxBytes: number;
  readonly isPersistent: boolean;
  readonly replicas: number;
}

export interface RunnerFacts {
  readonly id: string;
  readonly isAlive: boolean;
  readonly ageSeconds: number;
  readonly used: number;
  readonly capacity: number;
}

interface ProjectFacts {
  /** Absent until its first poll; `project` is the UUID until then. */
  readonly identifier: string | undefined;
  readonly project: string;
  readonly lastPollSeconds: number;
  readonly failures: number;
  readonly items: number;
}

/** Everything that a scrape shows of the shared state; asked once for all the metrics of a scrape. */
export function createSharedState(config: Config, core: Core): () => Promise<SharedState> {
  const { store, counters, redis } = core;
  const { client, keys } = redis;
  const budget = openBudget(config, redis);
  const stops = createWriteStopStore(redis);
  return async () => {
    const now = await redisNow(redis);
    const [
      tickets,
      ages,
      counted,
      runners,
      slotsUsed,
      outbox,
      events,
      usage,
      projects,
      stopped,
      webhooks,
      waits,
      servers,
    ] = await Promise.all([
      store.counts(),
      oldestOf(core, now),
      counters.all(),
      readRunners(core, now),
      client.scard(keys.slots('slots:all')),
      readOutbox(core, now),
      readEvents(core, now),
      budget.usage(),
      readProjects(core),
      stops.all(),
      createWebhookStore(redis).facts(),
      startWaits(core),
      readServerStates(core),
    ]);
    const everywhere = stopped.filter(({ scope }) => scope === EVERYWHERE).length;
    return {
      tickets,
      ages,
      counters: counted,
      queues: await readQueues(config, core, runners, now),
      runners,
      slotsUsed,
      outbox,
      events,
      budget: budget.limits.map(({ kind, limit }) => ({
        kind,
        limit,
        used: usage.find((one) => one.kind === kind)?.used ?? 0,
      })),
      projects,
      writeStops: { all: everywhere, project: stopped.length - everywhere },
      startWaits: waits,
      webhooks: {
        lastDeliverySeconds: webhooks.lastDeliveryAt / SECOND_MS,
        isHealthy: webhookState(config.webhooks.secrets, webhooks) !== 'unhealthy',
      },
      servers,
      replicasWanted: replicasToWaitFor(config.redis),
    };
  };
}

/** Statuses in which a ticket waits for somebody or something. */
const WAITING = ['pending', 'approved', 'starting', 'waiting', 'completed', 'updating', 'failed', 'blocked'] as const;

const ageOf = (now: number, at: number): number => Math.max(0, now - at) / SECOND_MS;

async function oldestOf({ redis: { client, keys } }: Core, now: number): Promise<ReadonlyMap<Status, number>> {
  const read = async (status: Status): Promise<[Status, number][]> => {
    const [, since] = await client.zrange(keys.status(status), '0', '0', 'WITHSCORES');
    return since === undefined ? [] : [[status, ageOf(now, Number(since))]];
  };
  return new Map((await Promise.all(WAITING.map(read))).flat());
}

async function readRunners({ redis: { client, keys } }: Core, now: number): Promise<RunnerFacts[]> {
  const known = await createRunnerStore(client, keys).all();
  return known.map(({ id, lastHeartbeatAt, heartbeat, used }) => ({
    id,
    isAlive: heartbeat !== null,
    ageSeconds: ageOf(now, lastHeartbeatAt),
    used,
    capacity: heartbeat?.capacity ?? 0,
  }));
}

async function readOutbox({ redis: { client, keys } }: Core, now: number): Promise<SharedState['outbox']> {
  const [items, first, setAside] = await Promise.all([
    client.zcard(keys.outbox),
    client.zrange(keys.outbox, '0', '0', 'WITHSCORES'),
    client.hlen(keys.outboxBad),
  ]);
  return { items, setAside, overdueSeconds: first[1] === undefined ? 0 : ageOf(now, Number(first[1])) };
}

async function readEvents({ redis: { client, keys } }: Core, now: number): Promise<SharedState['events']> {
  const [length, last] = await Promise.all([
    client.xlen(keys.events),
    client.xrevrange(keys.events, '+', '-', 'COUNT', 1),
  ]);
  return { length, lastId: last[0]?.[0] ?? '0-0', now };
}

async function readServerStates({ redis }: Core): Promise<ServerState[]> {
  const masters = await readMasters(redis);
  return masters.flatMap(({ address, info, replicas }) => (info === null ? [] : [stateOf(address, info, replicas)]));
}

function stateOf(node: string, info: string, replicas: number): ServerState {
  const isAppending = infoField(info, 'aof_enabled') === '1';
  const lastWrite = infoField(info, isAppending ? 'aof_last_write_status' : 'rdb_last_bgsave_status');
  return {
    node,
    usedBytes: Number(infoField(info, 'used_memory') ?? 0),
    maxBytes: Number(infoField(info, 'maxmemory') ?? 0),
    isPersistent: lastWrite !== 'err', // some who offer Redis do not tell
    replicas,
  };
}

async function readProjects({ redis: { client, keys } }: Core): Promise<ProjectFacts[]> {
  const read = async (id: string): Promise<ProjectFacts> => {
    const noted = await client.hgetall(keys.pollHealth(id));
    const identifier = noted.identifier || undefined;
    return {
      identifier,
      project: identifier ?? id,
      lastPollSeconds: Number(noted.lastPollAt ?? 0) / SECOND_MS,
      failures: Number(noted.failures ?? 0),
      items: Number(noted.items ?? 0),
    };
  };
  return Promise.all((await client.smembers(keys.projects)).map(read));
}

async function readQueues(
  config: Config,
  { queues }: Core,
  runners: readonly RunnerFacts[],
  now: number,
): Promise<SharedState['queues']> {
  const names = [
    ...['plane-read', 'plane-write', 'notify'],
    ...poolsOfProjects(config).map((pool) => `session.${pool}`),
    ...runners.flatMap(({ id }) => [`runner.${id}`, `completion.${id}`]),
  ];
  const read = async (name: string) => {
    const facts = await queues.facts(name);
    return [name, { ...facts, oldestSeconds: facts.oldestAt === null ? 0 : ageOf(now, facts.oldestAt) }] as const;
  };
  return new Map(await Promise.all(names.map(read)));
}

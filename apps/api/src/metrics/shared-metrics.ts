import { SESSION_SECONDS, STATUSES, UPDATE_OUTCOMES } from '@pco/shared/domain';
import { addReadMetric, type ReadMetric, type Registry, type Sample } from '@pco/shared/metrics';
import { OPERATIONS } from '@pco/shared/plane';
import type { QueueState, SharedState } from './shared-state.ts';

type Samples = (state: SharedState) => readonly Sample[];
type Kind = ReadMetric['type'];

const one = (value: number): Sample[] => [{ value }];
const counted = (state: SharedState, name: string): number => state.counters.get(name) ?? 0;

/** A counter whose labels stand behind its name, one word each. */
const labelled =
  (name: string, ...labelNames: string[]): Samples =>
  ({ counters }) =>
    [...counters].flatMap(([counter, value]) => {
      const [found, ...values] = counter.split(' ');
      if (found !== name) return [];
      return [{ value, labels: Object.fromEntries(labelNames.map((label, i) => [label, values[i] ?? ''])) }];
    });

/** The same, with a 0 for what is known to come: an increase from nothing to the first value is none. */
const fromZero =
  (name: string, labelNames: readonly string[], expected: (state: SharedState) => readonly string[]): Samples =>
  (state) => {
    const absent = expected(state).filter((labels) => !state.counters.has(`${name} ${labels}`));
    const counters = new Map([...state.counters, ...absent.map((labels) => [`${name} ${labels}`, 0] as const)]);
    return labelled(name, ...labelNames)({ ...state, counters });
  };

/** What Plane refuses is alarmed at once, so that its first answer of the kind must count. */
const REFUSALS = [401, 403, 429];
const refusals = OPERATIONS.flatMap((operation) => REFUSALS.map((status) => `${operation} ${status}`));
const namedProjects = ({ projects }: SharedState) => projects.flatMap(({ identifier }) => identifier ?? []);

const perQueue =
  (value: (facts: QueueState) => number): Samples =>
  ({ queues }) =>
    [...queues].map(([queue, facts]) => ({ labels: { queue }, value: value(facts) }));

const ofServers =
  (value: (server: SharedState['servers'][number]) => number): Samples =>
  ({ servers }) =>
    servers.map((server) => ({ labels: { node: server.node }, value: value(server) }));

const sessionDuration: Samples = (state) => {
  const name = 'plane_session_duration_seconds';
  let below = 0;
  const buckets = [...SESSION_SECONDS, '+Inf'].map((le): Sample => {
    below += counted(state, `${name} ${le}`);
    return { suffix: '_bucket', labels: { le }, value: below };
  });
  const sum = counted(state, `${name} sum`);
  return [...buckets, { suffix: '_sum', value: sum }, { suffix: '_count', value: below }];
};

/**
 * What describes the whole installation: read from Redis at a scrape, by the api and by nobody else. Every replica of
 * it shows the same, so that queries take the `max` over instances and never the `sum`.
 */
const SHARED: readonly (readonly [name: string, type: Kind, help: string, samples: Samples])[] = [
  ['plane_pending_tickets', 'gauge', 'Tickets that await approval', ({ tickets }) => one(tickets.pending)],
  [
    'plane_active_sessions',
    'gauge',
    'Tickets whose session is running',
    ({ tickets: { starting, active, waiting } }) => one(starting + active + waiting),
  ],
  [
    'plane_completed_tickets',
    'gauge',
    'Tickets whose summary awaits approval',
    ({ tickets }) => one(tickets.completed),
  ],
  [
    'plane_tickets_approved_total',
    'counter',
    'Approvals whose session started',
    (state) => one(counted(state, 'plane_tickets_approved_total')),
  ],
  [
    'plane_tickets_completed_total',
    'counter',
    'Completions',
    (state) => one(counted(state, 'plane_tickets_completed_total')),
  ],
  [
    'plane_updates_total',
    'counter',
    'Write-backs by outcome',
    (state) =>
      UPDATE_OUTCOMES.map((status) => ({ labels: { status }, value: counted(state, `plane_updates_total ${status}`) })),
  ],
  ['plane_session_duration_seconds', 'histogram', 'From approval to completion', sessionDuration],
  [
    'plane_api_calls_total',
    'counter',
    'Requests to Plane, of all services',
    fromZero('plane_api_calls_total', ['operation', 'status'], () => refusals),
  ],
  [
    'plane_api_retry_total',
    'counter',
    'Requests to Plane that were sent once more, of all services',
    fromZero('plane_api_retry_total', ['operation'], () => OPERATIONS),
  ],
  [
    'tickets',
    'gauge',
    'Tickets by status',
    ({ tickets }) => STATUSES.map((status) => ({ labels: { status }, value: tickets[status] })),
  ],
  [
    'tickets_moved_total',
    'counter',
    'Tickets that came into a status',
    (state) =>
      STATUSES.map((status) => ({ labels: { status }, value: counted(state, `tickets_moved_total ${status}`) })),
  ],
  [
    'tickets_oldest_age_seconds',
    'gauge',
    'How long the ticket that waits longest has been in its status',
    ({ ages }) => [...ages].map(([status, value]) => ({ labels: { status }, value })),
  ],
  [
    'approval_oldest_age_seconds',
    'gauge',
    'How long the oldest ticket waits for a person: to be started, or to be written back',
    ({ ages }) => [
      { labels: { gate: 'start' }, value: ages.get('pending') ?? 0 },
      { labels: { gate: 'write_back' }, value: ages.get('completed') ?? 0 },
    ],
  ],
  [
    'plane_tickets_waiting_for_start',
    'gauge',
    'Approved tickets that have no session yet, by what they wait for',
    ({ startWaits }) =>
      [...Map.groupBy(startWaits, ({ code }) => code)].map(([code, waits]) => ({
        labels: { reason: code.toLowerCase() },
        value: waits.reduce((sum, { tickets }) => sum + tickets, 0),
      })),
  ],
  [
    'queue_jobs',
    'gauge',
    'Jobs of a queue by state; failed ones are dead letters',
    ({ queues }) =>
      [...queues].flatMap(([queue, { jobs }]) =>
        Object.entries(jobs).map(([state, value]) => ({ labels: { queue, state }, value })),
      ),
  ],
  [
    'queue_depth',
    'gauge',
    'Jobs that wait for a worker',
    perQueue(({ jobs }) => (jobs.waiting ?? 0) + (jobs.prioritized ?? 0)),
  ],
  [
    'queue_oldest_job_age_seconds',
    'gauge',
    'How long the oldest job has waited for a worker; 0 when none waits',
    perQueue(({ oldestSeconds }) => oldestSeconds),
  ],
  ['queue_jobs_completed_total', 'counter', 'Jobs done, of all workers', perQueue(({ completed }) => completed)],
  ['queue_jobs_failed_total', 'counter', 'Jobs failed for good, of all workers', perQueue(({ failed }) => failed)],
  [
    'runner_up',
    'gauge',
    'Whether the runner sends heartbeats',
    ({ runners }) => runners.map(({ id, isAlive }) => ({ labels: { runner: id }, value: isAlive ? 1 : 0 })),
  ],
  [
    'runner_heartbeat_age_seconds',
    'gauge',
    'Time since the last heartbeat of the runner',
    ({ runners }) => runners.map(({ id, ageSeconds }) => ({ labels: { runner: id }, value: ageSeconds })),
  ],
  [
    'runner_slots',
    'gauge',
    'Slots of the runner that are used and free; one that sends no heartbeats has none free',
    ({ runners }) =>
      runners.flatMap(({ id, used, capacity }) => [
        { labels: { runner: id, state: 'used' }, value: used },
        { labels: { runner: id, state: 'free' }, value: Math.max(0, capacity - used) },
      ]),
  ],
  ['slots_used', 'gauge', 'Sessions that hold a slot, on all runners', ({ slotsUsed }) => one(slotsUsed)],
  ['outbox_items', 'gauge', 'Effects that have no outcome yet', ({ outbox }) => one(outbox.items)],
  [
    'outbox_overdue_seconds',
    'gauge',
    'How long the most overdue effect should have been looked after; grows when no service sweeps',
    ({ outbox }) => one(outbox.overdueSeconds),
  ],
  ['outbox_set_aside', 'gauge', 'Effects nobody could read, kept for a person', ({ outbox }) => one(outbox.setAside)],
  ['event_stream_entries', 'gauge', 'Entries of the event stream', ({ events }) => one(events.length)],
  [
    'event_stream_last_entry_timestamp_seconds',
    'gauge',
    'When a ticket last changed; 0 for never',
    ({ events }) => one(timeOf(events.lastId) / 1_000),
  ],
  [
    'plane_budget_used',
    'gauge',
    'Requests to Plane in the budget window that ends now, of all services',
    ({ budget }) => budget.map(({ kind, used }) => ({ labels: { class: kind }, value: used })),
  ],
  [
    'plane_budget_limit',
    'gauge',
    'Most requests to Plane in a budget window',
    ({ budget }) => budget.map(({ kind, limit }) => ({ labels: { class: kind }, value: limit })),
  ],
  [
    'plane_writes_stopped',
    'gauge',
    'Write-backs that wait because Plane refuses them: all of them (0 or 1), and of how many projects',
    ({ writeStops: { all, project } }) => [
      { labels: { scope: 'all' }, value: all },
      { labels: { scope: 'project' }, value: project },
    ],
  ],
  [
    'poller_project_last_success_timestamp_seconds',
    'gauge',
    'When a poll of the project last came to its end; 0 for never',
    ({ projects }) => projects.map(({ project, lastPollSeconds }) => ({ labels: { project }, value: lastPollSeconds })),
  ],
  [
    'poller_project_failures',
    'gauge',
    'Polls of the project that failed in a row',
    ({ projects }) => projects.map(({ project, failures }) => ({ labels: { project }, value: failures })),
  ],
  [
    'poller_project_work_items',
    'gauge',
    'Work items of the project',
    ({ projects }) => projects.map(({ project, items }) => ({ labels: { project }, value: items })),
  ],
  [
    'webhook_last_delivery_timestamp_seconds',
    'gauge',
    'When the last authentic delivery came, to any replica; 0 for never',
    ({ webhooks }) => one(webhooks.lastDeliverySeconds),
  ],
  [
    'webhooks_healthy',
    'gauge',
    '0 when polls find changes that no delivery has told of, else 1',
    ({ webhooks }) => one(webhooks.isHealthy ? 1 : 0),
  ],
  [
    'agent_tokens_total',
    'counter',
    'Tokens that agents have used, all kinds together',
    fromZero('agent_tokens_total', ['project'], namedProjects),
  ],
  [
    'agent_cost_usd_total',
    'counter',
    'US dollars that agents have used, by their own word or estimated',
    fromZero('agent_cost_usd_total', ['project'], namedProjects),
  ],
  [
    'tickets_over_budget_total',
    'counter',
    'Sessions that were ended at a limit of their budget',
    (state) => one(counted(state, 'tickets_over_budget_total')),
  ],
  [
    'redis_memory_used_bytes',
    'gauge',
    'Memory that a master of Redis uses for everything it holds',
    ofServers(({ usedBytes }) => usedBytes),
  ],
  ['redis_memory_max_bytes', 'gauge', 'maxmemory of Redis; 0 for no limit', ofServers(({ maxBytes }) => maxBytes)],
  [
    'redis_persistence_up',
    'gauge',
    '0 while Redis cannot write to its disk what is committed, else 1',
    ofServers(({ isPersistent }) => (isPersistent ? 1 : 0)),
  ],
  ['redis_replicas', 'gauge', 'Replicas that follow a master of Redis', ofServers(({ replicas }) => replicas)],
  [
    'redis_replicas_wanted',
    'gauge',
    'Replicas that must have a decision before it counts (redis.wait_replicas)',
    ({ replicasWanted }) => one(replicasWanted),
  ],
];

/** A scrape that waited for Redis any longer would be given up by Prometheus. */
const PATIENCE_MS = 3_000;

/**
 * @param read the shared state of this moment
 * @param seenId id of the latest entry of the event stream that this process has handled
 */
export function addSharedMetrics(registry: Registry, read: () => Promise<SharedState>, seenId: () => string): void {
  let asked: Promise<SharedState | null> | undefined;
  /** All metrics of a scrape ask in the same turn, and share one answer. */
  const now = (): Promise<SharedState | null> => {
    asked ??= within(read(), PATIENCE_MS).finally(() => {
      asked = undefined;
    });
    return asked;
  };
  for (const [name, type, help, samples] of SHARED)
    addReadMetric(registry, {
      name,
      type,
      help,
      async read() {
        const state = await now();
        return state ? samples(state) : []; // no value is better than one that is not true any more
      },
    });
  addReadMetric(registry, {
    name: 'event_stream_lag_seconds',
    type: 'gauge',
    help: 'How far what this process has handled is behind the latest entry of the event stream',
    async read() {
      const state = await now();
      return state ? one(lagSeconds(seenId(), state.events)) : [];
    },
  });
  addReadMetric(registry, {
    name: 'redis_up',
    type: 'gauge',
    help: 'Whether Redis answered this scrape; without it nothing of the shared state is shown',
    read: async () => one((await now()) ? 1 : 0),
  });
}

const timeOf = (streamId: string): number => Number(streamId.split('-', 1)[0]);

/** Who has handled nothing since the latest entry was added is behind by that entry's age. */
const lagSeconds = (seen: string, { lastId, now }: SharedState['events']): number =>
  seen === lastId || timeOf(seen) > timeOf(lastId) ? 0 : Math.max(0, now - timeOf(lastId)) / 1_000;

async function within<Value>(value: Promise<Value>, ms: number): Promise<Value | null> {
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(() => late.resolve(null), ms);
  const read = value.catch(() => null);
  return Promise.race([read, late.promise]).finally(() => clearTimeout(timer));
}

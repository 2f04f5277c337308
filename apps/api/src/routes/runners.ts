import { ROUTES, type RunnerView } from '@pco/shared/contracts/http';
import { AppError } from '@pco/shared/errors';
import { createRunnerStore, type Measured, type RunnerRecord } from '@pco/shared/redis';
import { DAY_MS, iso } from '@pco/shared/time';
import type { FastifyInstance } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import { serve } from '../app/serve.ts';
import { checkGone } from '../lost-runner.ts';

/** Every host that runs sessions, with what it has left. */
export function addRunnerRoutes(app: FastifyInstance, { core }: ApiContext): void {
  const { redis, store } = core;
  const runners = createRunnerStore(redis.client, redis.keys);
  serve(app, ROUTES.runners, async () => (await runners.all()).filter(isOfInterest).map(runnerView));

  // its host is gone for good: its slots are free, and what its agents were at work on can be retried
  serve(app, ROUTES.giveUpRunner, async ({ params: { runner }, id, caller }) => {
    if (!(await runners.get(runner))) throw new AppError('RUNNER_NOT_FOUND');
    await checkGone(core, runner);
    const by = caller?.name ?? 'nobody';
    const tickets = await redis.client.smembers(redis.keys.slots(`slots:runner:${runner}`));
    for (const ticketId of tickets) {
      const { ticket } = await store.load(ticketId);
      const givenUp = { id: `given-up-${runner}-${id}`, type: 'runner.given_up', runner, by } as const;
      if (ticket) await core.apply({ ...givenUp, ticketId, cid: ticket.cid });
    }
    await runners.forget(runner);
    return { status: 'given_up', runner, tickets };
  });
}

/** One that was renamed or taken down holds nothing and is not waited for. */
const isOfInterest = ({ heartbeat, used, lastHeartbeatAt }: RunnerRecord): boolean =>
  heartbeat !== null || used > 0 || Date.now() - lastHeartbeatAt < DAY_MS;

export function runnerView(record: RunnerRecord): RunnerView {
  const { id, heartbeat, used, lastHeartbeatAt } = record;
  return {
    id,
    ...stateOf(record),
    host: heartbeat?.host ?? null,
    url: heartbeat?.url ?? null,
    terminal_url: heartbeat?.terminalUrl ?? null,
    pools: heartbeat?.pools ?? [],
    labels: heartbeat?.labels ?? [],
    versions: heartbeat?.versions ?? {},
    capacity: heartbeat?.capacity ?? null,
    used,
    free: heartbeat ? Math.max(0, heartbeat.capacity - used) : 0,
    ...(heartbeat?.measured ? measuredView(heartbeat.measured) : { memory: null, cpu: null, disks: [] }),
    last_heartbeat_at: iso(lastHeartbeatAt),
  };
}

const measuredView = ({ memory, cpu, disks }: Measured) => ({
  memory: { total_mb: memory.totalMb, free_mb: memory.freeMb },
  cpu: { cores: cpu.cores, load: cpu.load, used_percent: cpu.usedPercent },
  disks: disks.map(({ of, path, totalMb, freeMb }) => ({ of, path, total_mb: totalMb, free_mb: freeMb })),
});

function stateOf({ heartbeat, used, lastHeartbeatAt }: RunnerRecord) {
  const as = (state: 'ready' | 'full' | 'no_room' | 'lost', why: string | null) => ({
    state,
    takes_nothing_because: why,
  });
  if (!heartbeat) return as('lost', `it sends no heartbeat since ${iso(lastHeartbeatAt)}`);
  if (heartbeat.refuses) return as('no_room', heartbeat.refuses.why);
  if (used >= heartbeat.capacity) return as('full', `all ${heartbeat.capacity} slots are in use`);
  return as('ready', null);
}

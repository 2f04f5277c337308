import { slotLimit, type Ticket } from '../domain/index.ts';
import { createRunnerStore, type RedisHandle, type RunnerRecord } from '../redis/index.ts';
import { iso } from '../time.ts';
import type { PolicyOf } from './apply.ts';

/** Why an approved ticket has no session yet, in words that say what to do about it. */
export interface StartWait {
  readonly code: 'NO_RUNNER' | 'NO_ROOM' | 'SLOTS' | 'LIMIT' | 'REPOSITORY' | 'EARLIER_SESSION';
  readonly why: string;
}
/** @returns null for a ticket that waits for nothing, or whose turn it is */
export type StartWaits = (ticket: Starting) => Promise<StartWait | null>;

/** Of a ticket, what says whether and where it starts. */
export type Starting = Pick<Ticket, 'status' | 'open' | 'workItem' | 'stage'>;

/** Waits that do not end by themselves when agents finish. */
export const isTrouble = ({ code }: StartWait): boolean => code === 'NO_RUNNER' || code === 'NO_ROOM';

/** Reads runners and slots once; nothing is decided by it. */
export async function readStartWaits({ client, keys }: RedisHandle, policyOf: PolicyOf): Promise<StartWaits> {
  const runners = await createRunnerStore(client, keys).all();
  const counted = new Map<string, Promise<number>>();
  const used = (set: string): Promise<number> => {
    const known = counted.get(set) ?? client.scard(keys.slots(set));
    counted.set(set, known);
    return known;
  };
  return async (ticket) => {
    if (ticket.status !== 'approved') return null;
    const assign = Object.values(ticket.open).find(({ type, parked }) => type === 'session.assign' && !parked);
    if (!assign) return earlierSession(ticket, runners);
    const policy = policyOf(ticket.workItem);
    const pool = assign.args.pool ?? policy.pool;
    const alive = runners.filter(({ heartbeat }) => heartbeat?.pools.includes(pool));
    if (alive.length === 0) return { code: 'NO_RUNNER', why: `no runner of the pool "${pool}" sends a heartbeat` };
    for (const { set, what } of limitsOf(ticket)) {
      const most = slotLimit(policy, set, Number.MAX_SAFE_INTEGER);
      if ((await used(set)) >= most) return { code: 'LIMIT', why: `${what}: ${most} at a time, all in use` };
    }
    const free = alive.filter((runner) => refusalOf(runner) === null);
    if (free.length === 0) {
      const why = alive.map((runner) => `${runner.id}: ${refusalOf(runner)}`).join('; ');
      return { code: alive.some(({ heartbeat }) => heartbeat?.refuses) ? 'NO_ROOM' : 'SLOTS', why };
    }
    if (policy.exclusiveRepo === undefined) return null;
    const busy = await Promise.all(free.map(({ id }) => used(`slots:repo:${id}:${policy.exclusiveRepo}`)));
    return busy.includes(0)
      ? null
      : { code: 'REPOSITORY', why: 'another session works in the repository, which takes one at a time' };
  };
}

const limitsOf = ({ workItem, stage }: Starting) => [
  { set: 'slots:all', what: 'sessions of all projects (limits.sessions)' },
  {
    set: `slots:project:${workItem.projectId}`,
    what: `sessions of the project ${workItem.project} (limits.sessions_per_project)`,
  },
  { set: `slots:stage:${stage}`, what: `sessions of the stage ${stage}` },
];

function refusalOf({ heartbeat, used }: RunnerRecord): string | null {
  if (heartbeat?.refuses) return heartbeat.refuses.why;
  return heartbeat && used >= heartbeat.capacity ? `all ${heartbeat.capacity} slots are in use` : null;
}

/** Two sessions of one ticket never run at a time, so a new one waits until the last has ended. */
function earlierSession(ticket: Starting, runners: readonly RunnerRecord[]): StartWait | null {
  const stop = Object.values(ticket.open).find(({ type }) => type === 'session.stop');
  if (!stop) return null;
  const { sessionId, runner } = stop.args;
  const gone = runners.find(({ id, heartbeat }) => id === runner && heartbeat === null);
  const since = gone ? `, and its runner ${runner} sends no heartbeat since ${iso(gone.lastHeartbeatAt)}` : '';
  return { code: 'EARLIER_SESSION', why: `the earlier session ${sessionId} has not ended yet${since}` };
}

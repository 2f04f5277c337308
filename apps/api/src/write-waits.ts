import { EFFECTS, type Ticket } from '@pco/shared/domain';
import { createWaitStore, createWriteStopStore, EVERYWHERE, type RedisHandle, type WriteStop } from '@pco/shared/redis';

/** Why the write-back of an approved summary makes no progress, in the words of what holds it up. */
export interface WriteWait {
  readonly code: string;
  readonly why: string;
}
/** Of a ticket, what says whether and what it writes. */
export type Writing = Pick<Ticket, 'status' | 'open' | 'workItem'>;
export type WriteWaits = (ticket: Writing) => Promise<WriteWait | null>;

/** Reads once what holds for all tickets; the rest is asked ticket by ticket, and only of those that write. */
export async function readWriteWaits(redis: RedisHandle): Promise<WriteWaits> {
  const stops = await createWriteStopStore(redis).all();
  const waits = createWaitStore(redis);
  return async (ticket) => {
    if (ticket.status !== 'updating') return null;
    const writes = Object.entries(ticket.open).filter(
      ([, { type, parked }]) => EFFECTS[type].lane === 'plane' && !parked,
    );
    if (writes.length === 0) return null; // what failed for good shows itself as an error
    const stop = stops.find((one) => holdsUp(one, ticket));
    if (stop) return { code: 'PLANE_UNAUTHORIZED', why: stop.why };
    return (await waits.first(writes.map(([id]) => id))) ?? null;
  };
}

const holdsUp = ({ scope }: WriteStop, { workItem }: Writing): boolean =>
  scope === EVERYWHERE || scope === workItem.projectId;

import type { OpenedEffect, OutboxItem } from '../domain/index.ts';
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Queues } from '../queue/index.ts';
import type { TicketStore } from '../redis/index.ts';
import { MINUTE_MS } from '../time.ts';

/** A job that was sent is looked after again so much later. */
export const RECHECK_MS = MINUTE_MS;

/** Sends the jobs of effects that were just opened. Never fails: what could not be sent, a sweep sends. */
export type Dispatch = (opens: readonly OpenedEffect[]) => Promise<void>;

export interface DispatchDeps {
  readonly store: TicketStore;
  readonly queues: Queues;
  readonly log: Logger;
  /** How long jobs that were sent are gathered until all of them are put off together. */
  readonly gatherMs?: number;
}

/** Outcomes of most effects are committed within this time, and there is nothing left to put off. */
const GATHER_MS = 250;

export function createDispatch({ store, queues, log, gatherMs = GATHER_MS }: DispatchDeps): Dispatch {
  const sent = new Set<string>();
  const putOff = () => {
    const ids = [...sent];
    sent.clear();
    // nobody waits for this: if it fails, a sweep looks a little earlier
    void store.postpone(RECHECK_MS, ...ids).catch(() => undefined);
  };
  return async (opens) => {
    const now = opens.filter(({ item, delayMs }) => delayMs === 0 && item.queue !== null);
    const sendOne = async ({ item }: OpenedEffect) => {
      try {
        await send(queues, item);
        if (sent.size === 0) setTimeout(putOff, gatherMs).unref();
        sent.add(item.id);
      } catch (err) {
        const { ticketId, id: effectId } = item;
        log.warn({ ticketId, effectId, err: messageOf(err) }, 'dispatch failed, left to the sweep');
      }
    };
    await Promise.all(now.map(sendOne));
  };
}

/** One job, with the effect's id as its own: sending it twice adds it once. */
export async function send(queues: Queues, item: OutboxItem): Promise<void> {
  const { id, queue, type, ticketId, cid, priority } = item;
  if (queue === null) return;
  await queues.add(queue, type, { ticketId, effectId: id, cid }, { jobId: id, ...(priority ? { priority } : {}) });
}

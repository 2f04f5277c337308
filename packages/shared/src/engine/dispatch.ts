import type { OpenedEffect, OutboxItem } from '../domain/index.ts';
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Queues } from '../queue/index.ts';
import type { TicketStore } from '../redis/index.ts';
import { MINUTE_MS } from '../time.ts';
import { tracing } from '../tracing/index.ts';

/** A job that was sent is looked after again so much later. */
export const RECHECK_MS = MINUTE_MS;

/**
 * Sends the jobs of effects that were just opened. Nobody waits for it: what could not be sent, a sweep sends. So they
 * leave in one packet with whatever else this turn has to say, above all with the end of the job that opened them.
 */
export interface Dispatch extends AsyncDisposable {
  send(opens: readonly OpenedEffect[]): void;
}

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
  const underWay = new Set<Promise<void>>();
  const putOff = () => {
    const ids = [...sent];
    sent.clear();
    // nobody waits for this: if it fails, a sweep looks a little earlier
    void store.postpone(RECHECK_MS, ...ids).catch(() => undefined);
  };
  const sendOne = async ({ item }: OpenedEffect): Promise<void> => {
    try {
      await send(queues, item);
      if (sent.size === 0) setTimeout(putOff, gatherMs).unref();
      sent.add(item.id);
    } catch (err) {
      const { ticketId, id: effectId } = item;
      log.warn({ ticketId, effectId, err: messageOf(err) }, 'dispatch failed, left to the sweep');
    }
  };
  return {
    send(opens) {
      for (const opened of opens) {
        if (opened.delayMs > 0 || opened.item.queue === null) continue;
        const sending = sendOne(opened).finally(() => underWay.delete(sending));
        underWay.add(sending);
      }
    },
    // a service that stops need not leave them to others
    [Symbol.asyncDispose]: async () => void (await Promise.all(underWay)),
  };
}

/** One job, with the effect's id as its own: sending it twice adds it once. */
export async function send(queues: Queues, item: OutboxItem): Promise<void> {
  const { id, queue, type, ticketId, cid, request, trace, priority } = item;
  if (queue === null) return;
  const options = { jobId: id, ...(priority ? { priority } : {}) };
  const payload = { ticketId, effectId: id, cid, ...(request === undefined ? {} : { request }) };
  const add = () => queues.add(queue, type, payload, options);
  await (tracing()?.within(trace, add) ?? add());
}

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
}

export const createDispatch =
  (deps: DispatchDeps): Dispatch =>
  async (opens) => {
    const now = opens.filter(({ item, delayMs }) => delayMs === 0 && item.queue !== null);
    await Promise.all(
      now.map(({ item }) =>
        send(deps, item).catch((err: unknown) =>
          deps.log.warn(
            { ticketId: item.ticketId, effectId: item.id, err: messageOf(err) },
            'dispatch failed, left to the sweep',
          ),
        ),
      ),
    );
  };

/** One job, with the effect's id as its own: sending it twice adds it once. */
export async function send({ queues, store }: DispatchDeps, item: OutboxItem): Promise<void> {
  const { id, queue, type, ticketId, cid, priority } = item;
  if (queue === null) return;
  await queues.add(queue, type, { ticketId, effectId: id, cid }, { jobId: id, ...(priority ? { priority } : {}) });
  // nobody waits for this: if it fails, a sweep looks a little earlier
  void store.postpone(id, RECHECK_MS).catch(() => undefined);
}

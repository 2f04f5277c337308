import { EffectType, type OutboxItem } from '../domain/index.ts';
import { messageOf } from '../errors.ts';
import type { QueueMetrics } from '../metrics.ts';
import { readOutboxItem } from '../redis/index.ts';
import { SECOND_MS } from '../time.ts';
import type { Apply } from './apply.ts';
import { type DispatchDeps, RECHECK_MS, send } from './dispatch.ts';
import { every } from './every.ts';

const BATCH = 100;
/** A sweep that died leaves its items to the next one after so long. */
const LEASE_MS = 10 * SECOND_MS;

export interface SweepDeps extends DispatchDeps {
  readonly apply: Apply;
  readonly metrics: QueueMetrics;
}

/** Looks after every open effect: runs in each process that commits, at start and every second. */
export const startSweep = (deps: SweepDeps, periodMs = SECOND_MS): AsyncDisposable =>
  every(periodMs, () => sweepOnce(deps), deps.log, 'outbox sweep');

export async function sweepOnce(deps: SweepDeps): Promise<void> {
  const { store, log, metrics } = deps;
  for (const { id, json } of await store.takeDue(BATCH, LEASE_MS)) {
    try {
      metrics.sweeps.inc({ outcome: await lookAfter(deps, id, json) });
    } catch (err) {
      // one failing item never stops the rest; its lease brings it back
      metrics.sweeps.inc({ outcome: 'error' });
      log.warn({ effectId: id, err: messageOf(err) }, 'outbox item could not be looked after, trying again');
    }
  }
}

async function lookAfter(deps: SweepDeps, id: string, json: string): Promise<string> {
  const { store, queues, log, apply } = deps;
  const item = readOutboxItem(json);
  if (!item) {
    await store.setAside(id, json);
    log.error({ effectId: id }, 'outbox item is unreadable and was set aside under outbox-bad');
    return 'set_aside';
  }
  if (!EffectType.safeParse(item.type).success) return 'left'; // a newer version knows
  if (item.queue === null) {
    const due = { id: `due-${id}`, type: 'timer.due', ticketId: item.ticketId, cid: item.cid, effectId: id } as const;
    return (await apply(due)).kind === 'ignored' ? closed(deps, item, json) : 'timer';
  }
  const { state, failedReason } = await queues.state(item.queue, id);
  switch (state) {
    case 'absent':
      await sendAgain(deps, item);
      return 'dispatched';
    case 'completed':
      return (await againIfOpen(deps, item)) ? 'dispatched' : closed(deps, item, json);
    case 'failed': {
      const answer = await apply({
        id: `failed-${id}`,
        type: 'effect.failed',
        ticketId: item.ticketId,
        cid: item.cid,
        effectId: id,
        code: 'JOB_FAILED',
        detail: (failedReason ?? 'the job failed without a reason').slice(0, 4_000),
      });
      return answer.kind === 'ignored' ? closed(deps, item, json) : 'failed';
    }
    case 'delayed':
      // till when was reckoned by some host's clock, which may have been set since; too early does no harm
      await queues.promote(item.queue, id);
      await store.postpone(RECHECK_MS, id);
      return 'waiting';
    default:
      await store.postpone(RECHECK_MS, id);
      return 'waiting';
  }
}

async function sendAgain({ store, queues }: SweepDeps, item: OutboxItem): Promise<void> {
  await send(queues, item);
  await store.postpone(RECHECK_MS, item.id);
}

/** A job that ended while its effect is still open did not record its outcome: it runs once more. */
async function againIfOpen(deps: SweepDeps, item: OutboxItem): Promise<boolean> {
  const { ticket } = await deps.store.load(item.ticketId);
  if (!ticket?.open[item.id] || item.queue === null) return false;
  await deps.queues.remove(item.queue, item.id);
  await sendAgain(deps, item);
  return true;
}

/**
 * An item whose effect has its outcome has left the outbox with that commit. One that is still there belongs to a
 * ticket that is gone, and would be looked after for ever.
 */
async function closed({ store, log }: SweepDeps, item: OutboxItem, json: string): Promise<string> {
  const { ticket } = await store.load(item.ticketId);
  if (!ticket?.open[item.id] && (await store.setAside(item.id, json)) === 1)
    log.warn({ ticketId: item.ticketId, effectId: item.id }, 'outbox item without an effect was set aside');
  return 'closed';
}

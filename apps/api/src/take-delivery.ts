import { createHash } from 'node:crypto';
import { PlaneRead } from '@pco/shared/contracts';
import type { Core } from '@pco/shared/engine';
import { AppError, messageOf } from '@pco/shared/errors';
import type { Logger } from '@pco/shared/log';
import { MISSES_ALLOWED, readDelivery, type WebhookDelivery } from '@pco/shared/plane';
import type { WebhookStore } from '@pco/shared/redis';
import { SECOND_MS } from '@pco/shared/time';

/** `duplicate`: these bytes were taken before. `own`: our own account did it. `ignored`: nothing that we watch. */
export type Outcome = 'queued' | 'duplicate' | 'own' | 'ignored';

export interface DeliveryDeps {
  readonly core: Core;
  readonly webhooks: WebhookStore;
  readonly log: Logger;
}

/** Plane waits for 30 s and takes any answer as final: better a quick refusal, which the next poll makes up for. */
const PATIENCE_MS = 2 * SECOND_MS;

/**
 * An authentic delivery. When this returns, the look that it asks for is queued.
 *
 * A ticket that comes of it carries the id of the delivery's request through everything.
 *
 * Plane gives every repetition of a delivery a new id, so that two are the same when their bytes are (B-685).
 *
 * @throws AppError PAYLOAD_INVALID, or REDIS_UNREACHABLE when nothing could be stored
 */
export async function takeDelivery(deps: DeliveryDeps, body: Uint8Array, cid: string): Promise<Outcome> {
  const delivery = readDelivery(body);
  if (!delivery) throw new AppError('PAYLOAD_INVALID', { why: 'not what Plane sends: event, action, data.id' });
  const digest = createHash('sha256').update(body).digest('base64url');
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  try {
    return await Promise.race([store(deps, delivery, { digest, cid }), late.promise]);
  } catch (err) {
    throw new AppError('REDIS_UNREACHABLE', { why: messageOf(err) }, { cause: err });
  } finally {
    clearTimeout(timer);
  }
}

async function store(
  deps: DeliveryDeps,
  delivery: WebhookDelivery,
  { digest, cid }: { digest: string; cid: string },
): Promise<Outcome> {
  const { core, webhooks, log } = deps;
  const { workItem, actor } = delivery;
  const projectId = delivery.projectId ?? (workItem === null ? null : await projectOf(core, workItem));
  const known = await webhooks.judge(digest, projectId ?? '');
  if (known.isRepeated) return 'duplicate';
  const outcome = classify(workItem !== null && known.isWatched, actor !== null && actor === known.planeUser);
  // the hint goes first: a delivery that is known is not looked into again
  if (outcome === 'queued' && projectId !== null && workItem !== null)
    await core.queues.hint(PlaneRead.family, 'look', { projectId, workItem, cid }, workItem);
  const missed = await webhooks.noteDelivery(digest, outcome === 'ignored' ? null : workItem);
  if (missed > MISSES_ALLOWED) log.info({ event: 'webhooks.healthy' }, 'webhooks come again, polling is relaxed');
  return outcome;
}

const classify = (isOurs: boolean, isOwn: boolean): Outcome => (isOurs ? (isOwn ? 'own' : 'queued') : 'ignored');

/** Of what was deleted Plane sends the id alone; a ticket knows the rest. */
async function projectOf({ store }: Core, workItem: string): Promise<string | null> {
  const ticketId = await store.ticketOf(workItem);
  return ticketId === null ? null : ((await store.load(ticketId)).ticket?.workItem.projectId ?? null);
}

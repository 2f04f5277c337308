import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/**
 * Whether Plane signed these very bytes with one of the secrets: hex HMAC-SHA256, lower-case, as it sends it. All are
 * tried, and each is compared in constant time, so the time taken tells nothing.
 */
export function isSigned(body: Uint8Array, signature: unknown, secrets: readonly string[]): boolean {
  if (typeof signature !== 'string' || !/^[0-9a-f]{64}$/.test(signature)) return false;
  const given = Buffer.from(signature, 'hex');
  const matches = secrets.map((secret) => timingSafeEqual(createHmac('sha256', secret).update(body).digest(), given));
  return matches.includes(true);
}

const Id = z.string().regex(/^[A-Za-z0-9-]{1,64}$/);
/** What is needed to know where to look. Everything else of a delivery may be stale and is not read. */
const Delivery = z
  .object({
    event: z.string().min(1).max(64),
    action: z.string().min(1).max(64),
    data: z.object({ id: Id, project: Id.nullish(), issue: Id.nullish() }),
    activity: z.object({ actor: z.object({ id: Id }).nullish() }).nullish(),
  })
  .transform(({ event, action, data, activity }) => ({
    event,
    action,
    /** The one that changed, was commented or deleted; null for other objects. */
    workItem: (event === 'issue' ? data.id : event === 'issue_comment' ? data.issue : null) ?? null,
    /** Null when Plane does not say: what was deleted has nothing but its id. */
    projectId: data.project ?? null,
    /** Who did it; unlike `created_by` nobody can choose it. */
    actor: activity?.actor?.id ?? null,
  }));
export type WebhookDelivery = z.output<typeof Delivery>;

/** @returns undefined when the body is not what Plane sends */
export function readDelivery(body: Uint8Array): WebhookDelivery | undefined {
  try {
    return Delivery.safeParse(JSON.parse(Buffer.from(body).toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

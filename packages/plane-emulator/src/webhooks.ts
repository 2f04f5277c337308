import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { createWebhookFaults, type WebhookFaults } from './control/webhook-faults.ts';
import { postWebhook } from './post-webhook.ts';
import { pythonJson } from './python-json.ts';
import { renderUser } from './render.ts';
import { type Json, renderWebhookComment, renderWebhookItem } from './render-webhook.ts';
import type { Webhook } from './rows.ts';
import type { World } from './world.ts';

/** A webhook of the workspace; in Plane a workspace admin makes it in the web interface. */
export const NewWebhook = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  secret: z
    .string()
    .min(1)
    .default(() => `plane_wh_${randomUUID().replaceAll('-', '')}`),
  issue: z.boolean().default(true),
  issue_comment: z.boolean().default(true),
});
export type NewWebhook = z.input<typeof NewWebhook>;

/** One key of a request that changed something, under the name that the request gave it. */
export interface ChangedField {
  readonly field: string;
  readonly old: unknown;
  readonly new: unknown;
}

/** A change that webhooks tell of. Deletions of work items and comments are told by none. */
export interface Told {
  readonly event: 'issue' | 'issue_comment';
  readonly id: string;
  readonly action: 'created' | 'updated';
  readonly actor: string;
  /** One delivery each; a creation has none and is told once. */
  readonly changes: readonly ChangedField[];
}

/** What became of every attempt, the newest last: as Plane's own webhook log. */
export interface DeliveryAttempt {
  readonly webhook: string;
  readonly delivery: string;
  readonly event: string;
  readonly action: string;
  readonly attempt: number;
  /** Null for a network error. */
  readonly status: number | null;
}

export interface Webhooks {
  readonly faults: WebhookFaults;
  /** @throws WebhookError when another one has that URL */
  add(spec: NewWebhook): Webhook;
  list(): Webhook[];
  remove(id: string): void;
  /** @throws WebhookError when there is none with this id */
  setActive(id: string, active: boolean): void;
  tell(told: Told): void;
  attempts(): DeliveryAttempt[];
  /** Forgets what still waits. */
  close(): void;
}

/** A webhook that was named wrongly. */
export class WebhookError extends Error {}

/** The first one and five repetitions; then the webhook is switched off for good. */
const ATTEMPTS = 6;
const ATTEMPTS_KEPT = 5_000;

/**
 * Deliveries as Plane's worker makes them: each on its own and in no order, the data as it is when the job runs. Any
 * HTTP status counts as delivered; only network errors are repeated, with the old data and a new delivery id.
 */
export function createWebhooks(world: World): Webhooks {
  const hooks = world.webhooks;
  const faults = createWebhookFaults();
  const timers = new Set<NodeJS.Timeout>();
  const attempts: DeliveryAttempt[] = [];
  const heldBack = new Set<() => void>();
  const stop = new AbortController();
  const after = (ms: number, work: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms);
    timers.add(timer);
  };

  const send = async (hook: Webhook, head: Pick<Told, 'event' | 'action'>, body: string, attempt = 1) => {
    if (!hook.isActive || !hooks.has(hook.id)) return;
    const delivery = randomUUID();
    const status = await postWebhook(hook, delivery, head.event, body, stop.signal, world.settings.webhookTimeoutMs);
    if (stop.signal.aborted) return;
    attempts.push({ webhook: hook.id, delivery, event: head.event, action: head.action, attempt, status });
    if (attempts.length > ATTEMPTS_KEPT) attempts.shift();
    for (const letGo of [...heldBack]) letGo();
    if (status !== null) return;
    if (attempt < ATTEMPTS) {
      after(Math.random() * world.settings.webhookRetryMs, () => void send(hook, head, body, attempt + 1));
    } else {
      hook.isActive = false;
      world.onChange();
    }
  };

  const deliver = (hook: Webhook, told: Told, field: string | null, payload: Json) => {
    const { webhookDuplicateRate, webhookJitterMs } = world.settings;
    const body = pythonJson({ event: told.event, action: told.action, webhook_id: hook.id, ...payload });
    const once = (ms = 0) => after(ms + Math.random() * webhookJitterMs, () => void send(hook, told, body));
    const fault = faults.take({ event: told.event, action: told.action, field });
    if (fault?.kind === 'drop') return;
    if (fault?.kind === 'reorder') return holdBack(fault.ms, once);
    if (fault?.kind === 'duplicate') for (let copy = 1; copy < fault.copies; copy++) once();
    once(fault?.kind === 'delay' ? fault.ms : 0);
    if (Math.random() < webhookDuplicateRate) once();
  };

  /** Until another delivery was answered, or for so long at most. */
  const holdBack = (ms: number, work: () => void) => {
    const letGo = () => {
      if (heldBack.delete(letGo)) work();
    };
    heldBack.add(letGo);
    after(ms, letGo);
  };

  const run = (told: Told) => {
    const data = dataOf(world, told);
    if (data === undefined) return; // gone before the worker looked
    const actor = world.users.get(told.actor);
    const changes = told.action === 'created' ? [{ field: null, old: null, new: null }] : told.changes;
    for (const hook of hooks.values()) {
      if (!hook.isActive || !hook[told.event]) continue;
      for (const { field, old, new: value } of changes) {
        const activity = { field, new_value: value, old_value: old, actor: actor ? renderUser(actor) : null };
        const ids = { old_identifier: null, new_identifier: null };
        deliver(hook, told, field, { workspace_id: world.workspaceId, data, activity: { ...activity, ...ids } });
      }
    }
  };

  return {
    faults,
    add(spec) {
      const hook: Webhook = { ...NewWebhook.parse(spec), id: randomUUID(), isActive: true };
      if ([...hooks.values()].some(({ url }) => url === hook.url))
        throw new WebhookError(`URL already exists for the workspace: ${hook.url}`);
      hooks.set(hook.id, hook);
      world.onChange();
      return hook;
    },
    list: () => [...hooks.values()],
    remove(id) {
      hooks.delete(id);
      world.onChange();
    },
    setActive(id, active) {
      const hook = hooks.get(id);
      if (!hook) throw new WebhookError(`there is no webhook ${id}`);
      hook.isActive = active;
      world.onChange();
    },
    tell(told) {
      if (hooks.size === 0 || Math.random() < world.settings.webhookDropRate) return; // the broker is down
      after(world.settings.webhookDelayMs, () => run(told));
    },
    attempts: () => [...attempts],
    close() {
      stop.abort();
      heldBack.clear();
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

function dataOf(world: World, { event, id }: Told): Json | undefined {
  if (event === 'issue') {
    const item = world.items.get(id);
    return item && item.deletedUs === null ? renderWebhookItem(world, item) : undefined;
  }
  const comment = world.comments.get(id);
  return comment && comment.deletedUs === null ? renderWebhookComment(world, comment) : undefined;
}

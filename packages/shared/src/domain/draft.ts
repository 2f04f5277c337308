import {
  EFFECTS,
  type EffectArgs,
  type EffectType,
  LANES,
  type Lane,
  type OpenEffect,
  type OutboxItem,
} from './effects.ts';
import type { TicketEvent } from './events.ts';
import { type Policy, slotLimit } from './policy.ts';
import { fitRecord } from './record-size.ts';
import { type Loaded, PRIORITIES, sessionLives, slotsOf, type Ticket } from './ticket.ts';
import { isLegalMove, type Status } from './ticket-status.ts';

/** An effect that a commit opens, with the time that must pass before it is sent. */
export interface OpenedEffect {
  readonly item: OutboxItem;
  readonly delayMs: number;
}

export interface Change {
  readonly kind: 'change';
  readonly ticket: Ticket;
  /** The ticket as it is stored: JSON, short enough for a commit. */
  readonly record: string;
  /** Description, when it is to be stored anew. */
  readonly body: string | undefined;
  readonly opens: readonly OpenedEffect[];
  readonly closes: readonly string[];
  /** Slot sets to join, each with the most members it may have, and to leave. */
  readonly joins: readonly { readonly set: string; readonly max: number }[];
  readonly leaves: readonly string[];
}

/**
 * One decision in the making: a private copy of the ticket, what it opens and what it closes.
 * Rules change the copy through these few verbs; `finish` lets each lane advance and checks the result.
 */
export interface Draft {
  readonly policy: Policy;
  readonly now: number;
  readonly ticket: Ticket;
  move(to: Status, reason?: Ticket['reason']): void;
  /** Puts an effect at the end of its lane. One without a lane opens at once, in place of an open one of its kind. */
  enqueue(type: EffectType, args?: EffectArgs, delayMs?: number): void;
  /** Records that an effect has an outcome. */
  close(effectId: string): OpenEffect | undefined;
  closeWhere(which: (effect: OpenEffect) => boolean): void;
  park(effectId: string, code: string, detail: string): void;
  /** Opens every parked effect anew, under the key it had. Returns how many. */
  reopenParked(): number;
  setBody(body: string): void;
  finish(runnerCapacity?: number): Change;
}

/** What has no priority comes first in its queue: an end, or a person's word, does not wait behind sessions that begin. */
const BY_URGENCY: ReadonlySet<EffectType> = new Set(['session.assign', 'session.start']);

export function openDraft(policy: Policy, base: Loaded, ticket: Ticket, event: TicketEvent, now: number): Draft {
  const version = base.version + 1;
  const opens: OpenedEffect[] = [];
  const closes: string[] = [];
  let counter = 0;
  let body: string | undefined;

  const openNow = (type: EffectType, args: EffectArgs, key: string | undefined, delayMs = 0): void => {
    counter += 1;
    const id = `${ticket.id}-v${version}-${counter}`;
    const dueAt = delayMs > 0 ? { dueAt: now + delayMs } : {};
    ticket.open[id] = { type, args, since: now, ...(key === undefined ? {} : { key }), ...dueAt };
    const item: OutboxItem = {
      id,
      ticketId: ticket.id,
      type,
      queue: EFFECTS[type].queue(args),
      args,
      cid: ticket.cid,
      at: now,
      ...(ticket.request === undefined ? {} : { request: ticket.request }),
      ...(ticket.trace === undefined ? {} : { trace: ticket.trace }),
      ...(key === undefined ? {} : { key }),
      ...(BY_URGENCY.has(type) ? { priority: PRIORITIES.indexOf(ticket.workItem.priority) + 1 } : {}),
    };
    opens.push({ item, delayMs });
  };

  const isBusy = (lane: Lane): boolean => Object.values(ticket.open).some(({ type }) => EFFECTS[type].lane === lane);

  const advanceLanes = (): void => {
    for (const lane of LANES) {
      const next = isBusy(lane) ? undefined : ticket.lanes[lane].shift();
      if (next) openNow(next.type, next.args, next.key, next.delayMs);
    }
  };

  const draft: Draft = {
    policy,
    now,
    ticket,
    move(to, reason) {
      if (!isLegalMove(ticket.status, to)) throw new Error(`illegal move ${ticket.status} -> ${to} on ${event.type}`);
      if (ticket.status !== to) ticket.statusSince = now;
      ticket.status = to;
      if (reason) ticket.reason = reason;
      else delete ticket.reason;
    },
    enqueue(type, args = {}, delayMs) {
      const { lane } = EFFECTS[type];
      if (lane === null) {
        // an outage of who notifies must not let the record grow; the newer one says what the older would have said
        draft.closeWhere((open) => open.type === type && open.args.kind === args.kind);
        return openNow(type, args, undefined, delayMs);
      }
      counter += 1;
      const key = lane === 'plane' ? { key: `${policy.installation}-${ticket.id}-v${version}-${counter}` } : {};
      ticket.lanes[lane].push({ type, args, ...key, ...(delayMs ? { delayMs } : {}) });
    },
    close(effectId) {
      const effect = ticket.open[effectId];
      if (effect) {
        delete ticket.open[effectId];
        closes.push(effectId);
        if (effect.parked && ticket.reason?.text === parkedReason(effect.type, effect.parked).text)
          delete ticket.reason;
      }
      return effect;
    },
    closeWhere(which) {
      for (const [id, effect] of Object.entries(ticket.open)) if (which(effect)) draft.close(id);
    },
    park(effectId, code, detail) {
      const effect = ticket.open[effectId];
      if (!effect) return;
      effect.parked = { code, detail: detail.slice(0, 4_000), at: now };
      closes.push(effectId); // leaves the outbox, stays in `open`
    },
    reopenParked() {
      const parked = Object.entries(ticket.open).filter(([, effect]) => effect.parked);
      for (const [id, { type, args, key }] of parked) {
        draft.close(id);
        openNow(type, args, key);
      }
      return parked.length;
    },
    setBody(text) {
      body = text;
    },
    finish(runnerCapacity = Number.MAX_SAFE_INTEGER) {
      advanceLanes();
      ticket.updatedAt = now;
      const record = fitRecord(ticket);
      const before = new Set(slotsOf(base.ticket));
      const after = new Set(slotsOf(ticket));
      return {
        kind: 'change',
        ticket,
        record,
        body,
        opens,
        closes,
        joins: [...after.difference(before)].map((set) => ({ set, max: slotLimit(policy, set, runnerCapacity) })),
        leaves: [...before.difference(after)],
      };
    },
  };
  return draft;
}

/** What a parked effect makes of the ticket's reason, until it is opened anew or done after all. */
export const parkedReason = (type: EffectType, { code, detail }: { code: string; detail: string }) => ({
  code,
  text: `${type}: ${detail}`.slice(0, 4_000),
});

/** Takes back effects of one type, open, parked or waiting in their lane. */
export function withdraw(draft: Draft, type: EffectType): void {
  const { lanes } = draft.ticket;
  draft.closeWhere((effect) => effect.type === type);
  for (const lane of LANES) lanes[lane] = lanes[lane].filter((effect) => effect.type !== type);
}

/** Ends a living session now, whatever end was planned for later. */
export const stopSession = (draft: Draft): void => planStop(draft, 0);

/** Whether its end may be under way already, or has been tried: nobody may be sent there any more. */
export const isStopping = (ticket: Ticket, now: number): boolean =>
  Object.values(ticket.open).some(
    ({ type, parked, dueAt = 0 }) => type === 'session.stop' && (parked !== undefined || dueAt <= now),
  );

/** Plans the only end of a living session; after a while, so that a person can still look at it. */
export function planStop(draft: Draft, delayMs: number): void {
  const { session, runner } = draft.ticket;
  withdraw(draft, 'session.stop');
  if (session && runner && sessionLives(draft.ticket))
    draft.enqueue('session.stop', { sessionId: session.id, runner }, delayMs);
}

/** Takes back everything that was asked for and has no outcome yet. */
export function dropWork(draft: Draft): void {
  draft.closeWhere(() => true);
  draft.ticket.lanes = { session: [], plane: [] };
}

import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { type Decision, decide } from '../decide.ts';
import type { Change } from '../draft.ts';
import type { EffectType, OpenEffect } from '../effects.ts';
import { TicketEvent } from '../events.ts';
import type { Policy } from '../policy.ts';
import { RECORD_MAX_BYTES } from '../record-size.ts';
import { type Loaded, Ticket } from '../ticket.ts';
import type { Status } from '../ticket-status.ts';
import { by, FIRST_SESSION, policyFor, RUNNER, TICKET_ID, type Told, trigger } from './fixtures.ts';
import { Ledger } from './ledger.ts';

/** One ticket with its store and its environment. Every event is decided as in production and checked by the ledger. */
export class World {
  readonly policy: Policy;
  readonly ledger: Ledger;
  readonly history: TicketEvent[] = [];
  loaded: Loaded = { version: 0, ticket: null };
  now = 1_750_000_000_000;

  constructor(policy: Policy = policyFor()) {
    this.policy = deepFreeze(policy);
    this.ledger = new Ledger(policy);
  }

  get ticket(): Ticket {
    assert.ok(this.loaded.ticket, 'there is a ticket');
    return this.loaded.ticket;
  }

  get status(): Status {
    return this.ticket.status;
  }

  tell(told: Told): Decision {
    const head = { id: `event-${this.history.length + 1}`, ticketId: TICKET_ID, cid: 'cid-1' };
    return this.hear(deepFreeze(TicketEvent.parse({ ...head, ...told })));
  }

  hear(event: TicketEvent): Decision {
    this.now += 1;
    const base = this.loaded;
    const decision = decide(this.policy, base, event, this.now);
    this.history.push(event);
    const looksTwice = this.now % 3 === 0; // these two cost more than all the rest
    if (looksTwice) this.#decidesAlike(base, event, decision);
    if (decision.kind === 'change') {
      if (looksTwice) this.#readsBack(decision.ticket);
      this.ledger.record(base, event, decision);
      this.loaded = deepFreeze({ version: base.version + 1, ticket: decision.ticket });
    }
    return decision;
  }

  #decidesAlike(base: Loaded, event: TicketEvent, decision: Decision): void {
    const again = decide(this.policy, base, event, this.now);
    assert.equal(JSON.stringify(again), JSON.stringify(decision), 'the same question has the same answer');
  }

  #readsBack(ticket: Ticket): void {
    const json = JSON.stringify(ticket);
    assert.ok(isDeepStrictEqual(Ticket.parse(JSON.parse(json)), ticket), 'the record reads back as it was written');
    assert.ok(Buffer.byteLength(json) <= RECORD_MAX_BYTES, `the record has ${Buffer.byteLength(json)} bytes`);
  }

  /** Tells what must change the ticket. */
  change(told: Told): Change {
    const decision = this.tell(told);
    assert.ok(decision.kind === 'change', `${told.type} changes a ticket that is ${this.loaded.ticket?.status}`);
    return decision;
  }

  openOf(type: EffectType): [id: string, effect: OpenEffect][] {
    return Object.entries(this.loaded.ticket?.open ?? {}).filter(([, effect]) => effect.type === type);
  }

  /** The one open effect of that type. */
  idOf(type: EffectType): string {
    const [first, ...more] = this.openOf(type);
    assert.ok(first && more.length === 0, `one ${type} is open`);
    return first[0];
  }

  done(type: EffectType, result = {}): Change {
    return this.change({ type: 'effect.done', effectId: this.idOf(type), result });
  }

  fail(type: EffectType, code = 'JOB_FAILED', detail = 'it broke'): Change {
    return this.change({ type: 'effect.failed', effectId: this.idOf(type), code, detail });
  }

  claim(runner = RUNNER, capacity = 4): Change {
    const effectId = this.idOf('session.assign');
    return this.change({ type: 'slot.claimed', effectId, runner, capacity, tokenHash: 'hash' });
  }

  signal(summary = 'Fixed the login', sessionId = this.ticket.session?.id ?? FIRST_SESSION): Change {
    return this.change({ type: 'completion.signalled', sessionId, summary, channel: 'file' });
  }

  /** Does the whole session lane, as far as it goes without a person. */
  settleSessions(): void {
    for (let steps = 0; steps < 10; steps += 1) {
      const next = (['session.stop', 'session.send', 'completion.collect'] as const).find(
        (t) => this.openOf(t).length > 0,
      );
      if (!next) return;
      this.done(next);
    }
  }

  /** A supervised ticket that came here by the straight way. */
  static at(status: keyof typeof STEPS, policy?: Policy): World {
    const world = new World(policy);
    for (const step of STEPS[status]) step(world);
    assert.equal(world.status, status);
    return world;
  }
}

type Step = (world: World) => unknown;
const pending: Step[] = [(world) => world.change(trigger())];
const approved: Step[] = [...pending, (world) => world.change({ type: 'person.approved', by })];
const starting: Step[] = [...approved, (world) => world.claim()];
const active: Step[] = [...starting, (world) => world.done('session.start', { branch: 'pco/ACME-16' })];
const asks: Told = { type: 'session.observed', sessionId: FIRST_SESSION, state: 'asking' };
const completed: Step[] = [...active, (world) => world.signal()];
const updating: Step[] = [...completed, (world) => world.change({ type: 'person.update_approved', by })];
const STEPS = {
  pending,
  approved,
  starting,
  active,
  waiting: [...active, (world) => world.change(asks)],
  completed,
  updating,
  done: [...updating, (world) => world.done('plane.comment'), (world) => world.done('plane.state')],
  failed: [...active, (world) => world.change({ type: 'session.ended', sessionId: FIRST_SESSION, exitCode: 1 })],
  cancelled: [...pending, (world) => world.change({ type: 'person.cancelled', by })],
} satisfies Partial<Record<Status, Step[]>>;

/** The types of what a change opens, in order. */
export const opened = (decision: Decision): string[] =>
  decision.kind === 'change' ? decision.opens.map(({ item }) => item.type) : [];

/** Throws on a write, so that whatever touches its input fails. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}

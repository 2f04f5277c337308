import assert from 'node:assert/strict';
import type { Change } from '../draft.ts';
import { EFFECTS, EffectType, LANES, OutboxItem } from '../effects.ts';
import type { TicketEvent } from '../events.ts';
import type { Policy } from '../policy.ts';
import { type Loaded, sessionLives, slotsOf, type Ticket } from '../ticket.ts';
import type { Status } from '../ticket-status.ts';

/** Somebody has to look when a ticket comes here. */
const SHOWN: ReadonlySet<Status> = new Set(['pending', 'waiting', 'completed', 'failed']);
const WRITES = EffectType.options.filter((type) => EFFECTS[type].lane === 'plane');
/** The agent of a living session is wanted here; everywhere else its end is planned. */
const AT_WORK: ReadonlySet<Status> = new Set(['starting', 'active', 'waiting']);

/**
 * What the outside world holds of one ticket, rebuilt from its changes alone: outbox, slot sets, sessions, writes.
 * Throws as soon as a change breaks a rule that must hold for every ticket at every time.
 */
export class Ledger {
  readonly #policy: Policy;
  readonly everOpened = new Set<string>();
  readonly outbox = new Set<string>();
  readonly slots = new Set<string>();
  readonly #sessions = new Set<string>();
  readonly #living = new Set<string>();
  #writes: { type: string; key: string }[] = [];

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  record(base: Loaded, event: TicketEvent, change: Change): void {
    this.#effectsAreAccountedFor(base, change);
    this.#lanesAreInOrder(change.ticket);
    this.#slotsFollowTheSession(base, event, change);
    this.#oneSessionAtATime(base, event, change);
    this.#writesAreInOrder(base, change);
    this.#statusIsExplained(base, event, change);
  }

  #effectsAreAccountedFor({ version, ticket: before }: Loaded, { ticket, opens, closes }: Change): void {
    const prefix = `${ticket.id}-v${version + 1}-`;
    for (const { item, delayMs } of opens) {
      assert.ok(OutboxItem.safeParse(item).success, `${item.id} can be read from the outbox`);
      assert.ok(item.id.startsWith(prefix), `${item.id} carries the version of its commit`);
      assert.ok(!this.everOpened.has(item.id), `${item.id} is new`);
      assert.ok(delayMs >= 0);
      const { type, args, key } = item;
      const { parked: _, since: __, dueAt, ...open } = ticket.open[item.id] ?? {};
      assert.equal(dueAt, delayMs > 0 ? ticket.updatedAt + delayMs : undefined, 'it says when it is due');
      assert.deepEqual(open, { type, args, ...(key === undefined ? {} : { key }) }, 'what opens stands in the ticket');
      assert.equal(item.queue === null, type === 'timer', 'only a timer needs no queue');
      this.everOpened.add(item.id);
      this.outbox.add(item.id);
    }
    assert.equal(new Set(closes).size, closes.length, 'nothing is closed twice');
    for (const id of closes) {
      assert.ok(before?.open[id], `${id} was open before it was closed`);
      this.outbox.delete(id);
    }
    const sent = Object.keys(ticket.open).filter((id) => !ticket.open[id]?.parked);
    assert.deepEqual(new Set(sent), this.outbox, 'the outbox holds what is open and not parked');
  }

  /** A parked effect keeps its lane: whatever is behind it must not overtake it. */
  #lanesAreInOrder(ticket: Ticket): void {
    for (const lane of LANES) {
      const open = Object.values(ticket.open).filter(({ type }) => EFFECTS[type].lane === lane);
      assert.ok(open.length <= 1, `lane ${lane} has one open effect at most, parked or not`);
      if (open.length === 0) assert.deepEqual(ticket.lanes[lane], [], `lane ${lane} does not wait for nothing`);
      for (const { type } of ticket.lanes[lane]) assert.equal(EFFECTS[type].lane, lane);
    }
  }

  #slotsFollowTheSession({ ticket: before }: Loaded, event: TicketEvent, { ticket, joins, leaves }: Change): void {
    for (const set of leaves) assert.ok(this.slots.delete(set), `${set} was joined before it was left`);
    for (const { set, max } of joins) {
      assert.ok(!this.slots.has(set), `${set} is joined once`);
      assert.ok(max > 0);
      this.slots.add(set);
    }
    assert.deepEqual(this.slots, new Set(slotsOf(ticket)), 'the sets hold what slotsOf says');
    // any other event could be refused for a full set, and a summary or a decision would be lost
    if (joins.length > 0) assert.equal(event.type, 'slot.claimed', 'only a claim takes slots');
    if (leaves.length > 0) assert.ok(before && sessionLives(before) && !sessionLives(ticket), 'only an end frees them');
  }

  #oneSessionAtATime({ ticket: before }: Loaded, event: TicketEvent, { ticket, opens }: Change): void {
    if (event.type === 'session.ended' && before?.session?.id === event.sessionId) this.#living.delete(event.sessionId);
    const isGivenUp = event.type === 'runner.given_up' || (event.type === 'person.retried' && event.givesUp);
    if (isGivenUp && before?.session) this.#living.delete(before.session.id);
    if (event.type === 'effect.done') {
      const { type, args } = before?.open[event.effectId] ?? {};
      if (type === 'session.stop') this.#living.delete(args?.sessionId ?? '');
    }
    for (const { item } of opens.filter(({ item }) => item.type === 'session.start')) {
      const id = item.args.sessionId ?? '';
      assert.deepEqual([...this.#living], [], `${id} starts only after every earlier session has ended`);
      assert.ok(!this.#sessions.has(id), `${id} is a new name`);
      assert.equal(ticket.session?.id, id);
      this.#living.add(id);
      this.#sessions.add(id);
    }
    const endsNow = Object.values(before?.open ?? {}).some(
      ({ type, dueAt = 0, parked }) => type === 'session.stop' && (parked || dueAt <= ticket.updatedAt),
    );
    const isSentTo = opens.some(
      ({ item }) => item.type === 'session.send' && this.#living.has(item.args.sessionId ?? ''),
    );
    assert.ok(!(endsNow && isSentTo), 'nothing is said to a session that is being stopped');
    assert.equal(sessionLives(ticket), this.#living.size > 0, 'the record knows whether a session lives');
    assert.ok(ticket.sessionSeq >= (before?.sessionSeq ?? 0), 'the count of sessions never goes back');
    const stops = [...Object.values(ticket.open), ...ticket.lanes.session].filter((e) => e.type === 'session.stop');
    assert.equal(stops.length, sessionLives(ticket) && !AT_WORK.has(ticket.status) ? 1 : 0, 'one end is planned');
  }

  #writesAreInOrder({ ticket: before }: Loaded, { ticket, opens }: Change): void {
    if (before?.status !== 'updating') this.#writes = [];
    for (const { item } of opens.filter(({ item }) => item.type.startsWith('plane.'))) {
      const key = item.key ?? '';
      assert.match(key, /^inst1-ACME-16-v\d+-\d+$/);
      const again = Object.values(before?.open ?? {}).some((effect) => effect.parked && effect.key === key);
      const last = this.#writes.at(-1);
      if (last?.key === key) assert.ok(again && last.type === item.type, 'a key comes back only for a parked write');
      else this.#writes.push({ type: item.type, key });
    }
    const types = this.#writes.map(({ type }) => type);
    const all = this.#policy.workflow.writeBack;
    assert.deepEqual(types, all.slice(0, types.length), 'writes open in their order, each once');
    assert.equal(new Set(this.#writes.map(({ key }) => key)).size, types.length, 'each write has its own key');
    if (ticket.status === 'done' && before?.status !== 'done') assert.equal(types.length, all.length, 'all is written');
  }

  #statusIsExplained({ ticket: before }: Loaded, event: TicketEvent, { ticket, opens }: Change): void {
    const { status } = ticket;
    const has = (type: string, lane: readonly { type: string }[] = []): boolean =>
      [...Object.values(ticket.open), ...lane].some((effect) => effect.type === type);
    if (status === 'approved')
      assert.ok(has('session.assign', ticket.lanes.session), 'an approved ticket asks for a runner');
    if (status === 'starting') assert.ok(has('session.start') && has('timer'), 'a start is under way and has an end');
    if (status === 'updating')
      assert.ok(
        WRITES.some((type) => has(type)),
        'a write is under way',
      );
    if (status === 'failed' || status === 'cancelled') assert.ok(ticket.reason, `${status} has its reason`);
    if (before?.status === status) {
      assert.equal(ticket.statusSince, before.statusSince, 'the time of a status stays while it lasts');
      return;
    }
    assert.equal(ticket.statusSince, ticket.updatedAt, 'the time of a status is that of its change');
    if (SHOWN.has(status))
      assert.ok(
        opens.some(({ item }) => item.type === 'notify'),
        `somebody is told of ${status}`,
      ); // nobody waits unseen
    const bringsSummary = event.type === 'trigger.seen' && event.imported?.summary !== undefined;
    if (status === 'completed' && !bringsSummary)
      assert.equal(event.type, 'completion.signalled', 'only a summary completes');
  }
}

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { OpenEffect } from '../effects.ts';
import type { TicketEvent } from '../events.ts';
import { sessionName } from '../ids.ts';
import { MESSAGE_MAX, ObservedState, SUMMARY_MAX } from '../ticket.ts';
import { FINAL } from '../ticket-status.ts';
import { by, RUNNER, type Told, trigger, WORK_ITEM } from './fixtures.ts';
import type { World } from './world.ts';

/** Something that may happen next, described without the ticket, so that a sequence of them shrinks well. */
export type Move = (world: World) => void;

const TEXTS = { short: 'done', longest: '語"\u0001'.repeat(SUMMARY_MAX) };
export type TextSize = keyof typeof TEXTS;

const NOT_OURS = 'claude-ACME-17';
const CODES = ['JOB_FAILED', 'WORK_ITEM_GONE', 'SESSION_CONFLICT', 'PLANE_REFUSED'] as const;

/** A session of the ticket counted from its latest, or one of another ticket. */
const sessionOf = (world: World, back: number): string =>
  back > 2 ? NOT_OURS : sessionName('claude-', 'ACME-16', Math.max(1, (world.loaded.ticket?.sessionSeq ?? 0) - back));

const pick = <T>(from: readonly T[], index: number): T | undefined => from[index % Math.max(1, from.length)];

const openIds = (world: World): string[] => Object.keys(world.loaded.ticket?.open ?? {});
const anyId = (world: World, index: number): string => pick([...world.ledger.everOpened], index) ?? 'ACME-16-v1-9';

const named = (name: string, play: Move): Move => Object.assign(play, { [fc.toStringMethod]: () => name });
const say = (name: string, told: Told): Move => named(name, (world) => void world.tell(told));

/** What a random world does. Most of it makes sense, or the sequences would never get far; the rest must do no harm. */
export function anyMove(size: TextSize): fc.Arbitrary<Move> {
  const text = TEXTS[size];
  const most = (length: number): string => text.slice(0, length);
  const summary = text
    .replaceAll('\u0001', '')
    .slice(0, SUMMARY_MAX - 1)
    .padEnd(4, '.');
  const title = most(1_000);
  const labels = Array.from({ length: size === 'longest' ? 100 : 1 }, () => most(255));
  const workItem = { ...WORK_ITEM, title, labels };
  const result = {
    diff: most(2_000),
    branch: most(255),
    worktree: most(1_000),
    commentId: most(64),
    warning: most(1_000),
  };
  const index = fc.nat({ max: 40 });
  const session = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 3 }) });
  const runner = fc.constantFrom(RUNNER, RUNNER, 'runner-2');

  const people = fc.constantFrom(
    say('approve', { type: 'person.approved', by }),
    say('reject', { type: 'person.rejected', by, text: summary }),
    say('retry', { type: 'person.retried', by }),
    say('resume', { type: 'person.retried', by, resume: true }),
    say('send', { type: 'person.sent', by, text: summary.slice(0, MESSAGE_MAX) }),
    say('answer', { type: 'person.answered', by, answer: '1' }),
    say('interrupt', { type: 'person.interrupted', by }),
    say('stop', { type: 'person.stopped', by }),
    say('edit', { type: 'person.summary_edited', by, summary }),
    say('approve update', { type: 'person.update_approved', by }),
    say('approve edited update', { type: 'person.update_approved', by, summary }),
  );
  const outside = fc.constantFrom(
    say('trigger', trigger({ title, labels, priority: 'urgent' })),
    say('approved trigger', { ...trigger({ title }), isAutoApproved: true } as Told), // the head is added when told
    say('work item changed', { type: 'work_item.changed', workItem, description: most(9) }),
    say('work item moved', { type: 'work_item.changed', workItem: { ...workItem, projectId: 'project-other' } }),
  );
  const ends = fc.constantFrom(
    say('cancel', { type: 'person.cancelled', by }),
    say('work item closed', { type: 'work_item.closed', why: most(500) }),
    say('work item completed', { type: 'work_item.closed', why: most(500), isThere: true }),
  );
  const claim = fc
    .tuple(index, runner)
    .map(([i, name]) => named(`claim ${i} by ${name}`, (world) => claimOf(world, anyId(world, i), name)));
  const signal = session.map((back) =>
    named(`signal of -${back}`, (world) => {
      world.tell({ type: 'completion.signalled', sessionId: sessionOf(world, back), summary, channel: 'file' });
    }),
  );
  const observe = fc.tuple(session, fc.constantFrom(...ObservedState.options)).map(([back, state]) =>
    named(`-${back} is ${state}`, (world) => {
      world.tell({
        type: 'session.observed',
        sessionId: sessionOf(world, back),
        state,
        detail: most(4_000),
        choices: [most(200)],
      });
    }),
  );
  const end = fc.tuple(session, fc.constantFrom(0, 1, null)).map(([back, exitCode]) =>
    named(`-${back} ends with ${exitCode}`, (world) => {
      world.tell({ type: 'session.ended', sessionId: sessionOf(world, back), exitCode });
    }),
  );
  const use = fc.tuple(session, fc.nat({ max: 12 })).map(([back, turns]) =>
    named(`-${back} used ${turns} turns`, (world) => {
      world.tell({
        type: 'session.used',
        sessionId: sessionOf(world, back),
        used: { turns, tokens: turns * 90, costUsd: 1 },
      });
    }),
  );
  const heartbeat = fc
    .tuple(fc.constantFrom('runner.lost' as const, 'runner.back' as const), runner)
    .map(([type, name]) => say(`${type} ${name}`, { type, runner: name }));
  const givenUp = fc.tuple(fc.boolean(), runner).map(([one, name]) =>
    named(`${name} is given up${one ? ' for it' : ''}`, (world) => {
      if (one) world.tell({ type: 'person.retried', by, givesUp: name });
      else world.tell({ type: 'runner.given_up', by, runner: name });
    }),
  );
  const outcome = fc
    .tuple(index, fc.constantFrom('done', 'done', 'failed'), fc.constantFrom(...CODES))
    .map(([i, kind, code]) =>
      named(`effect ${i} is ${kind} ${code}`, (world) => {
        const effectId = pick(openIds(world), i) ?? anyId(world, i);
        if (kind === 'done') world.tell({ type: 'effect.done', effectId, result });
        else world.tell({ type: 'effect.failed', effectId, code, detail: most(4_000) });
      }),
    );
  const stale = fc
    .tuple(index, fc.constantFrom('effect.done' as const, 'timer.due' as const))
    .map(([i, type]) => named(`${type} of any ${i}`, (world) => void world.tell({ type, effectId: anyId(world, i) })));
  const repeat = index.map((i) =>
    named(`repeat ${i}`, (world) => {
      const event: TicketEvent | undefined = pick(world.history, i);
      if (event) world.hear(event);
    }),
  );
  const onwards = fc.constant(named('onwards', cooperate));
  return fc.oneof(
    { weight: 9, arbitrary: onwards },
    { weight: 6, arbitrary: outcome },
    { weight: 4, arbitrary: people },
    { weight: 3, arbitrary: fc.oneof(signal, observe, end, heartbeat, givenUp, use) },
    { weight: 2, arbitrary: fc.oneof(outside, claim, stale, repeat) },
    { weight: 1, arbitrary: fc.oneof(ends, end) },
  );
}

function claimOf(world: World, effectId: string, runner: string): void {
  const tokenHash = 'f'.repeat(64);
  world.tell({ type: 'slot.claimed', effectId, runner, capacity: 2, tokenHash });
}

/** One step of an environment that wishes the ticket well: does what is asked for, then decides what a person must. */
export function cooperate(world: World): void {
  const { ticket } = world.loaded;
  if (!ticket || FINAL.has(ticket.status)) return void world.change(trigger());
  if (workOff(world)) return;
  switch (ticket.status) {
    case 'pending':
      return void world.change({ type: 'person.approved', by });
    case 'active':
    case 'waiting':
      return void world.signal();
    case 'completed':
      return void world.change({ type: 'person.update_approved', by });
    case 'failed':
      return void world.change({ type: 'person.retried', by });
    default:
      assert.fail(`nothing is left to do, and the ticket is ${ticket.status}`);
  }
}

/** Does one thing that is asked for, or has what failed opened anew. Returns whether there was anything. */
export function workOff(world: World): boolean {
  const open = Object.entries(world.ticket.open).filter(([, { type }]) => type !== 'timer');
  const todo = open.find(([, { parked }]) => !parked);
  if (todo) perform(world, ...todo);
  else if (open.length > 0) world.change({ type: 'person.retried', by });
  return open.length > 0;
}

function perform(world: World, effectId: string, { type, args }: OpenEffect): void {
  if (type === 'session.assign') {
    claimOf(world, effectId, RUNNER);
    return;
  }
  const exitCode = type === 'session.stop' ? { exitCode: 0 } : {};
  const branch = args.sessionId ? { branch: `pco/${args.sessionId}` } : {};
  world.change({ type: 'effect.done', effectId, result: { ...exitCode, ...branch } });
}

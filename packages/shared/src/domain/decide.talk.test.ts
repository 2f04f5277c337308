import { describe, expect, test } from 'vitest';
import { by, FIRST_SESSION, RUNNER, type Told } from './testing/fixtures.ts';
import { opened, World } from './testing/world.ts';

const sent: Told = { type: 'person.sent', by, text: 'Use the other library' };
const answered = (answer: string): Told => ({ type: 'person.answered', by, answer });
const interrupted: Told = { type: 'person.interrupted', by };
const stopped: Told = { type: 'person.stopped', by };
const seen = (state: 'working' | 'asking' | 'permission' | 'turn_over'): Told => ({
  type: 'session.observed',
  sessionId: FIRST_SESSION,
  state,
});

describe('a message to a working agent', () => {
  test.each(['active', 'waiting'] as const)('is typed into the session of a ticket that is %s', (status) => {
    const world = World.at(status);
    const change = world.change(sent);
    expect(change.opens[0]?.item).toMatchObject({
      type: 'session.send',
      queue: `runner.${RUNNER}`,
      args: { sessionId: FIRST_SESSION, kind: 'message' },
    });
    expect(world.ticket.message).toBe('Use the other library');
    world.done('session.send', { sent: 'confirmed' });
    expect(world.ticket.message).toBeUndefined();
    expect(world.status).toBe(status);
  });

  test('is refused while the last one is being typed, and where no agent is at work', () => {
    const world = World.at('active');
    world.change(sent);
    expect(world.tell(sent)).toMatchObject({ kind: 'refuse', code: 'TICKET_BUSY' });
    for (const status of ['pending', 'starting', 'completed', 'failed', 'done'] as const)
      for (const told of [sent, interrupted, answered('1')])
        expect(World.at(status).tell(told), status).toMatchObject({ kind: 'refuse', code: 'TICKET_BUSY' });
  });

  test.each([
    ['unconfirmed', 'SEND_UNCONFIRMED'],
    ['refused', 'SEND_REFUSED'],
  ] as const)('that is %s is shown until the agent is at work again, and is not repeated', (how, code) => {
    const world = World.at('active');
    world.change(sent);
    const change = world.done('session.send', { sent: how, warning: 'look at its terminal' });
    expect(opened(change)).toEqual(['notify']);
    expect(world.ticket).toMatchObject({ status: 'waiting', reason: { code, text: 'look at its terminal' } });
    world.change(seen('turn_over'));
    expect(world.ticket).toMatchObject({ status: 'waiting', reason: { code } });
    world.change(seen('working'));
    expect(world.ticket.status).toBe('active');
    expect(world.ticket.reason).toBeUndefined();
  });

  test('is forgotten when the agent completes, ends, or is stopped before', () => {
    for (const told of [
      { type: 'completion.signalled', sessionId: FIRST_SESSION, summary: 'Done', channel: 'spool' },
      { type: 'session.ended', sessionId: FIRST_SESSION, exitCode: 0 },
      stopped,
    ] satisfies Told[]) {
      const world = World.at('active');
      world.change(sent);
      world.change(told);
      expect(world.ticket.message, told.type).toBeUndefined();
      expect(world.openOf('session.send'), told.type).toEqual([]);
    }
  });
});

describe('an answer', () => {
  test('goes to what the agent asks now', () => {
    const world = World.at('waiting');
    world.change(answered('2'));
    expect(world.openOf('session.send')[0]?.[1].args.kind).toBe('answer');
    world.done('session.send', { sent: 'confirmed' });
    world.change(seen('permission'));
    world.change(answered('yes'));
    expect(world.ticket.message).toBe('yes');
  });

  test('to nothing, or yes to a question with choices, is refused', () => {
    expect(World.at('active').tell(answered('1'))).toMatchObject({ kind: 'refuse', code: 'TICKET_BUSY' });
    expect(World.at('waiting').tell(answered('yes'))).toMatchObject({ kind: 'refuse', code: 'TICKET_BUSY' });
  });
});

test('an interrupt is sent once at a time, beside a message that waits', () => {
  const world = World.at('active');
  world.change(sent);
  world.change(interrupted);
  expect(world.tell(interrupted)).toMatchObject({ kind: 'refuse', code: 'TICKET_BUSY' });
  world.done('session.send', { sent: 'confirmed' });
  expect(world.openOf('session.send')[0]?.[1].args.kind).toBe('interrupt');
});

describe('a stop', () => {
  test.each(['starting', 'active', 'waiting'] as const)('ends the session of a ticket that is %s', (status) => {
    const world = World.at(status);
    expect(opened(world.change(stopped))).toEqual(['notify', 'session.stop']);
    expect(world.ticket).toMatchObject({ status: 'failed', reason: { code: 'STOPPED', text: 'stopped by ada' } });
    world.done('session.stop', { exitCode: 143 });
    expect(world.ticket.session).toMatchObject({ exitCode: 143 });
    expect(world.ledger.slots.size).toBe(0);
  });

  test('can be followed by a new session in the same conversation', () => {
    const world = World.at('active');
    world.change(stopped);
    world.done('session.stop');
    world.change({ type: 'person.retried', by, resume: true });
    expect(world.ticket).toMatchObject({ status: 'approved', resume: true, attempt: 2 });
    world.claim();
    world.done('session.start');
    expect(world.ticket.resume).toBeUndefined();
  });

  test('and a plain retry begins anew', () => {
    const world = World.at('failed');
    world.change({ type: 'person.retried', by });
    expect(world.ticket.resume).toBeUndefined();
  });
});

test('what a conversation used is known when its session has ended', () => {
  const world = World.at('completed');
  world.done('completion.collect', { tokens: 100 });
  world.done('session.stop', { exitCode: 0, tokens: 120, cost: 0.5 });
  expect(world.ticket.result).toMatchObject({ tokens: 120, cost: 0.5 });
});

import { describe, expect, test } from 'vitest';
import { by, FIRST_SESSION, KEEP_MS, policyFor, RUNNER, type Told, trigger, UNATTENDED } from './testing/fixtures.ts';
import { opened, World } from './testing/world.ts';

const signal: Told = { type: 'completion.signalled', sessionId: FIRST_SESSION, summary: 'Fixed', channel: 'file' };
const retried: Told = { type: 'person.retried', by };

describe('a completion', () => {
  test.each(['active', 'waiting'] as const)(
    'of a ticket that is %s keeps its summary and collects the result',
    (status) => {
      const world = World.at(status);
      const change = world.change(signal);
      expect(world.ticket).toMatchObject({ status: 'completed', summary: 'Fixed', completedAt: world.now });
      expect(change.opens.map(({ item }) => [item.type, item.queue])).toEqual([
        ['notify', 'notify'],
        ['completion.collect', `completion.${RUNNER}`],
      ]);
      expect(change.leaves).toEqual([]);
    },
  );

  test('leaves the session to a person for a while, then ends it', () => {
    const world = World.at('completed');
    const change = world.done('completion.collect', { commits: 2, diff: '3 files changed' });
    expect(change.opens.map(({ item, delayMs }) => [item.type, item.args.sessionId, delayMs])).toEqual([
      ['session.stop', FIRST_SESSION, KEEP_MS],
    ]);
    expect(world.ticket.result).toEqual({ commits: 2, diff: '3 files changed' });
    expect(world.done('session.stop', { exitCode: 0 }).leaves).toHaveLength(4);
    expect(world.ticket.session).toMatchObject({ endedAt: world.now, exitCode: 0 });
  });

  test('whose result cannot be collected is still a completion', () => {
    const world = World.at('completed');
    expect(opened(world.fail('completion.collect'))).toEqual(['session.stop']);
    expect(world.status).toBe('completed');
  });

  test('that comes before its start is confirmed counts, and the confirmation after it', () => {
    const world = World.at('starting');
    expect(opened(world.change(signal))).toEqual(['notify']);
    expect(opened(world.done('session.start', { branch: 'pco/ACME-16' }))).toEqual(['completion.collect']);
    expect(world.ticket).toMatchObject({
      status: 'completed',
      session: { branch: 'pco/ACME-16', startedAt: world.now },
    });
  });

  test('said again changes nothing', () => {
    for (const status of ['completed', 'updating', 'done'] as const)
      expect(World.at(status).tell(signal)).toMatchObject({ kind: 'ignore' });
  });

  test('of a foreign session, or of one before or after its time, changes nothing', () => {
    expect(World.at('active').tell({ ...signal, sessionId: 'claude-ACME-17' } as Told)).toMatchObject({
      kind: 'ignore',
    });
    for (const status of ['pending', 'approved', 'cancelled'] as const)
      expect(World.at(status).tell(signal)).toMatchObject({ kind: 'ignore' });
  });

  test('of an earlier attempt does not complete the present one', () => {
    const world = World.at('failed');
    world.change(retried);
    world.claim();
    world.done('session.start');
    expect(world.tell(signal)).toMatchObject({ kind: 'ignore' });
    expect(world.status).toBe('active');
  });
});

describe('a summary that comes late', () => {
  test('completes a ticket whose session had ended without one', () => {
    const world = World.at('failed');
    expect(world.ticket.reason?.code).toBe('NO_SUMMARY');
    const change = world.change(signal);
    expect(world.ticket).toMatchObject({ status: 'completed', summary: 'Fixed' });
    expect(world.ticket.reason).toBeUndefined();
    expect(opened(change)).toEqual(['notify', 'completion.collect']);
    expect(opened(world.done('completion.collect'))).toEqual([]);
  });

  test('of a start that took too long keeps its session for a person, as any other', () => {
    const world = World.at('starting');
    world.change({ type: 'timer.due', effectId: world.idOf('timer') });
    const stop = world.idOf('session.stop');
    const change = world.change(signal);
    expect(world.status).toBe('completed');
    expect(change.closes).toContain(stop);
    expect(change.opens.map(({ item }) => item.type)).toEqual(['notify', 'completion.collect']);
    expect(world.done('completion.collect').opens[0]?.delayMs).toBe(KEEP_MS);
  });
});

describe('the next attempt', () => {
  test('begins without the summary, the result and the time of the one before', () => {
    const world = new World(policyFor(UNATTENDED));
    world.change(trigger());
    world.claim();
    world.done('session.start');
    world.change({ type: 'session.observed', sessionId: FIRST_SESSION, state: 'working' });
    world.signal('Planned');
    world.done('completion.collect', { commits: 1 });
    world.done('session.stop');
    expect(world.ticket).toMatchObject({ status: 'approved', summary: 'Planned', result: { commits: 1 } });
    world.claim();
    expect(world.ticket.summary).toBeUndefined();
    expect(world.ticket.result).toBeUndefined();
    expect(world.ticket.observed).toBeUndefined();
    expect(world.ticket.completedAt).toBeUndefined();
  });

  test('finds what a person answered to the one before', () => {
    const world = World.at('completed');
    world.change({ type: 'person.rejected', by, text: 'Tests are missing' });
    world.change({ type: 'session.ended', sessionId: FIRST_SESSION, exitCode: 1 });
    world.change(retried);
    world.claim();
    expect(world.ticket.feedback).toBe('Tests are missing');
  });
});

describe('an answer that cannot be given to the agent', () => {
  const unanswered = (): World => {
    const world = World.at('completed');
    world.change({ type: 'person.rejected', by, text: 'Tests are missing' });
    world.fail('session.send', 'TMUX_UNAVAILABLE', 'no server');
    return world;
  };

  test('is parked, told, and given again when a person says so', () => {
    const world = unanswered();
    const parked = world.idOf('session.send');
    expect(world.ticket).toMatchObject({ status: 'active', reason: { code: 'TMUX_UNAVAILABLE' } });
    const change = world.change(retried);
    expect(change.closes).toEqual([parked]);
    expect(opened(change)).toEqual(['session.send']);
    expect(world.ticket.reason).toBeUndefined();
  });

  test('does not stand in the way of what follows when the agent completes without it', () => {
    const world = unanswered();
    expect(opened(world.signal('Done anyway'))).toEqual(['notify', 'completion.collect']);
    world.settleSessions();
    expect(world.ledger.slots.size).toBe(0);
  });
});

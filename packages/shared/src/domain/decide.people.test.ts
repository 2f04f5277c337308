import { describe, expect, test } from 'vitest';
import { by, FIRST_SESSION, type Told, trigger } from './testing/fixtures.ts';
import { opened, World } from './testing/world.ts';

const approved: Told = { type: 'person.approved', by };
const cancelled: Told = { type: 'person.cancelled', by };
const retried: Told = { type: 'person.retried', by };
const updateApproved: Told = { type: 'person.update_approved', by };
const rejected: Told = { type: 'person.rejected', by, text: 'Tests are missing' };
const edited: Told = { type: 'person.summary_edited', by, summary: 'Fixed the login, with tests' };

describe('an approval', () => {
  test('asks the pool for a runner', () => {
    const world = World.at('pending');
    const change = world.change(approved);
    expect(world.ticket).toMatchObject({ status: 'approved', approvedBy: by, approvedAt: world.now, sessionSeq: 1 });
    expect(change.opens.map(({ item }) => item)).toEqual([
      expect.objectContaining({
        type: 'session.assign',
        queue: 'session.default',
        args: { pool: 'default' },
      }),
    ]);
    expect(change.joins).toEqual([]);
  });

  test.each([
    ['urgent', 1],
    ['high', 2],
    ['medium', 3],
    ['low', 4],
    ['none', 5],
  ] as const)('of %s work has priority %i of its queue', (priority, expected) => {
    const world = World.at('pending');
    world.change(trigger({ priority }));
    expect(world.change(approved).opens[0]?.item.priority).toBe(expected);
    const start = world.claim().opens.find(({ item }) => item.type === 'session.start');
    expect(start?.item.priority).toBe(expected);
  });

  test.each(['approved', 'starting', 'active', 'waiting', 'completed', 'updating'] as const)(
    'given again while the ticket is %s is answered like the first',
    (status) => {
      expect(World.at(status).tell(approved)).toMatchObject({ kind: 'ignore' });
    },
  );

  test('of a failed ticket is a retry', () => {
    const world = World.at('failed');
    world.change(approved);
    expect(world.ticket).toMatchObject({ status: 'approved', attempt: 2, sessionSeq: 2 });
  });

  test.each(['done', 'cancelled'] as const)('of a ticket that is %s is refused', (status) => {
    expect(World.at(status).tell(approved)).toMatchObject({ kind: 'refuse', code: 'TICKET_NOT_FOUND' });
  });
});

describe('a rejection', () => {
  test('forgets what the agent was seen doing before', () => {
    const world = World.at('waiting');
    world.signal();
    expect(world.ticket.observed?.state).toBe('asking');
    world.change(rejected);
    expect(world.ticket.observed).toBeUndefined();
  });

  test('resumes the conversation in the session that is still there', () => {
    const world = World.at('completed');
    world.done('completion.collect');
    const stop = world.idOf('session.stop');
    const change = world.change(rejected);
    expect(world.ticket).toMatchObject({
      status: 'active',
      feedback: 'Tests are missing',
      counters: { rejections: 1 },
      sessionSeq: 1,
    });
    expect(world.ticket.summary).toBeUndefined();
    expect(world.ticket.completedAt).toBeUndefined();
    expect(change.closes).toContain(stop);
    expect(change.opens.map(({ item }) => [item.type, item.args.sessionId])).toEqual([['session.send', FIRST_SESSION]]);
  });

  test('is followed by another completion in the same session', () => {
    const world = World.at('completed');
    world.change(rejected);
    world.done('session.send');
    world.signal('Now with tests');
    expect(world.ticket).toMatchObject({ status: 'completed', summary: 'Now with tests' });
    expect(world.ticket.session?.id).toBe(FIRST_SESSION);
  });

  test('whose delivery could not be confirmed says so', () => {
    const world = World.at('completed');
    world.change(rejected);
    world.done('session.send', { warning: 'typed, but no sign that it was read' });
    expect(world.ticket).toMatchObject({ status: 'waiting', reason: { code: 'SEND_UNCONFIRMED' } });
  });

  test('begins a new attempt, which gets the answer with its prompt, when the session has ended', () => {
    const world = World.at('completed');
    world.done('completion.collect');
    world.change({ type: 'session.ended', sessionId: FIRST_SESSION, exitCode: 0 });
    expect(opened(world.change(rejected))).toEqual(['session.assign']);
    expect(world.ticket).toMatchObject({ status: 'approved', attempt: 2, sessionSeq: 2 });
    expect(world.ticket.feedback).toBeDefined();
    expect(world.ticket.summary).toBeUndefined();
  });

  test('waits for the end of a session that is being stopped, and goes on in a new one', () => {
    const world = World.at('completed');
    world.done('completion.collect');
    world.now += world.policy.keepMs;
    expect(opened(world.change(rejected))).toEqual(['session.stop']);
    expect(world.ticket).toMatchObject({ status: 'approved', attempt: 2, sessionSeq: 2, resume: true });
    expect(opened(world.done('session.stop'))).toEqual(['session.assign']);
    expect(world.ticket.feedback).toBe('Tests are missing');
  });

  test('tries an end again that has failed, before it goes on in a new session', () => {
    const world = World.at('completed');
    world.done('completion.collect');
    world.fail('session.stop');
    expect(opened(world.change(rejected))).toEqual(['session.stop']);
    expect(opened(world.done('session.stop'))).toEqual(['session.assign']);
  });

  test.each([
    'pending',
    'approved',
    'starting',
    'active',
    'waiting',
    'updating',
    'done',
    'failed',
    'cancelled',
  ] as const)('is refused while the ticket is %s', (status) => {
    expect(World.at(status).tell(rejected)).toMatchObject({ kind: 'refuse', code: 'TICKET_NOT_FOUND' });
  });
});

describe('a cancellation', () => {
  test.each(['pending', 'approved', 'failed'] as const)('of a ticket that is %s closes all that is open', (status) => {
    const world = World.at(status);
    const change = world.change(cancelled);
    expect(world.ticket).toMatchObject({ status: 'cancelled', open: {}, reason: { code: 'CANCELLED' } });
    expect(opened(change)).toEqual([]);
  });

  test.each(['starting', 'active', 'waiting', 'completed', 'updating'] as const)(
    'of a ticket that is %s leaves nothing but the end of its session',
    (status) => {
      const world = World.at(status);
      const change = world.change(cancelled);
      expect(change.opens.map(({ item, delayMs }) => [item.type, delayMs])).toEqual([['session.stop', 0]]);
      expect(Object.keys(world.ticket.open)).toHaveLength(1);
      expect(world.ticket.lanes).toEqual({ session: [], plane: [] });
      world.done('session.stop', { exitCode: 143 });
      expect(world.ticket).toMatchObject({ status: 'cancelled', session: { exitCode: 143 } });
      expect(world.ledger.slots.size).toBe(0);
    },
  );

  test('comes too late for a finished ticket, and once is enough', () => {
    expect(World.at('done').tell(cancelled)).toMatchObject({ kind: 'refuse', code: 'TICKET_NOT_FOUND' });
    expect(World.at('cancelled').tell(cancelled)).toMatchObject({ kind: 'ignore' });
  });
});

describe('a retry', () => {
  test('of a failed ticket is a new attempt in a session of a new name', () => {
    const world = World.at('failed');
    expect(opened(world.change(retried))).toEqual(['session.assign']);
    expect(world.ticket).toMatchObject({ status: 'approved', attempt: 2, sessionSeq: 2, approvedBy: by });
    expect(world.ticket.reason).toBeUndefined();
    expect(world.ticket.observed).toBeUndefined();
    world.claim('runner-2');
    expect(world.ticket.session?.id).toBe(`${FIRST_SESSION}-2`);
  });

  test('forgets what the agent was seen doing before', () => {
    const world = World.at('waiting');
    world.change({ type: 'session.ended', sessionId: FIRST_SESSION, exitCode: 1 });
    expect(world.ticket.observed?.state).toBe('exited');
    world.change(retried);
    expect(world.ticket.observed).toBeUndefined();
  });

  test('while an earlier session still lives ends that one first', () => {
    const world = World.at('starting');
    world.fail('session.start');
    expect(opened(world.change(retried))).toEqual(['session.stop']);
    expect(world.ticket.session?.id).toBe(FIRST_SESSION);
    expect(opened(world.done('session.stop'))).toEqual(['session.assign']);
  });

  test('has nothing to do where nothing has failed', () => {
    expect(World.at('active').tell(retried)).toMatchObject({ kind: 'ignore' });
    for (const status of ['pending', 'done', 'cancelled'] as const)
      expect(World.at(status).tell(retried)).toMatchObject({ kind: 'refuse', code: 'TICKET_NOT_FOUND' });
  });
});

describe('an edited summary', () => {
  test('replaces the one that awaits approval', () => {
    const world = World.at('completed');
    world.change(edited);
    expect(world.ticket).toMatchObject({ status: 'completed', summary: 'Fixed the login, with tests' });
  });

  test.each(['pending', 'active', 'updating', 'done', 'failed'] as const)(
    'is refused while the ticket is %s',
    (status) => {
      expect(World.at(status).tell(edited)).toMatchObject({ kind: 'refuse', code: 'TICKET_NOT_FOUND' });
    },
  );
});

describe('an approval of the summary', () => {
  test('may bring a better text along', () => {
    const world = World.at('completed');
    world.change({ ...updateApproved, summary: 'Better' } as Told);
    expect(world.ticket).toMatchObject({ status: 'updating', summary: 'Better' });
  });

  test('given again while the write-back runs, or after it, changes nothing', () => {
    for (const status of ['updating', 'done'] as const)
      expect(World.at(status).tell({ ...updateApproved, summary: 'Too late' } as Told)).toMatchObject({
        kind: 'ignore',
      });
  });

  test.each(['pending', 'approved', 'starting', 'active', 'waiting', 'failed', 'cancelled'] as const)(
    'is refused while the ticket is %s',
    (status) => {
      expect(World.at(status).tell(updateApproved)).toMatchObject({ kind: 'refuse', code: 'TICKET_NOT_FOUND' });
    },
  );
});

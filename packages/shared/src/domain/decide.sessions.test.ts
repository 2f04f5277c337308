import { describe, expect, test } from 'vitest';
import {
  by,
  FIRST_SESSION,
  policyFor,
  RUNNER,
  START_TIMEOUT_MS,
  type Told,
  trigger,
  UNATTENDED,
} from './testing/fixtures.ts';
import { opened, World } from './testing/world.ts';

const observed = (state: 'working' | 'asking' | 'silent', sessionId = FIRST_SESSION): Told => ({
  type: 'session.observed',
  sessionId,
  state,
});
const ended = (exitCode: number | null, sessionId = FIRST_SESSION): Told => ({
  type: 'session.ended',
  sessionId,
  exitCode,
});
const claimOf = (effectId: string): Told => ({
  type: 'slot.claimed',
  effectId,
  runner: 'runner-2',
  capacity: 4,
  tokenHash: 'hash',
});

describe('a claim', () => {
  test('takes the slots, names the session and starts it against a timer', () => {
    const world = World.at('approved');
    const change = world.claim();
    expect(world.ticket).toMatchObject({ status: 'starting', runner: RUNNER, session: { id: FIRST_SESSION } });
    expect(world.ticket.session?.tokenHash).toBe('hash');
    expect(change.joins).toEqual([
      { set: 'slots:all', max: 5 },
      { set: 'slots:project:project-acme', max: 3 },
      { set: `slots:runner:${RUNNER}`, max: 4 },
      { set: 'slots:stage:implement', max: Number.MAX_SAFE_INTEGER },
    ]);
    expect(change.opens.map(({ item, delayMs }) => [item.type, item.queue, delayMs])).toEqual([
      ['timer', null, START_TIMEOUT_MS],
      ['session.start', `runner.${RUNNER}`, 0],
    ]);
  });

  test('that comes second finds the assignment closed', () => {
    const world = World.at('approved');
    const assign = world.idOf('session.assign');
    world.claim();
    expect(world.tell(claimOf(assign))).toMatchObject({ kind: 'refuse', code: 'TICKET_BUSY' });
  });

  test('of an assignment before the last one changes nothing', () => {
    const world = World.at('approved');
    const assign = world.idOf('session.assign');
    world.fail('session.assign');
    world.change({ type: 'person.retried', by });
    expect(world.tell(claimOf(assign))).toMatchObject({ kind: 'ignore' });
  });

  test('is the only way to end an assignment well: a job that forgot it is sent again', () => {
    const world = World.at('approved');
    const effectId = world.idOf('session.assign');
    expect(world.tell({ type: 'effect.done', effectId, result: {} })).toMatchObject({ kind: 'ignore' });
  });

  test('respects the limit of its stage', () => {
    const world = new World(policyFor(UNATTENDED));
    world.change(trigger());
    expect(world.claim().joins.at(-1)).toEqual({ set: 'slots:stage:plan', max: 2 });
  });
});

describe('a start', () => {
  test('that succeeds makes the ticket active and ends the timer', () => {
    const world = World.at('starting');
    const timer = world.idOf('timer');
    expect(world.done('session.start', { branch: 'pco/ACME-16', worktree: '/srv/wt' }).closes).toContain(timer);
    expect(world.ticket).toMatchObject({
      status: 'active',
      session: { branch: 'pco/ACME-16', worktree: '/srv/wt', startedAt: world.now },
    });
  });

  test('that fails for good fails the ticket, tells somebody and removes what there may be of the session', () => {
    const world = World.at('starting');
    expect(opened(world.fail('session.start', 'WORKTREE_FAILED', 'disk full'))).toEqual(['notify', 'session.stop']);
    expect(world.ticket).toMatchObject({ status: 'failed', reason: { code: 'START_FAILED', text: 'disk full' } });
    expect(world.openOf('timer')).toEqual([]);
    world.done('session.stop');
    expect(world.ledger.slots.size).toBe(0);
  });

  test('that nobody could be found for fails the ticket without a session to stop', () => {
    const world = World.at('approved');
    expect(opened(world.fail('session.assign'))).toEqual(['notify']);
    expect(world.ticket).toMatchObject({ status: 'failed', reason: { code: 'START_FAILED' } });
  });

  test('that takes too long fails the ticket, and its late outcome changes nothing', () => {
    const world = World.at('starting');
    const start = world.idOf('session.start');
    expect(opened(world.change({ type: 'timer.due', effectId: world.idOf('timer') }))).toEqual([
      'notify',
      'session.stop',
    ]);
    expect(world.ticket).toMatchObject({ status: 'failed', reason: { code: 'START_TIMEOUT' } });
    for (const type of ['effect.done', 'effect.failed'] as const)
      expect(world.tell({ type, effectId: start, code: 'X', detail: 'x' } as Told)).toMatchObject({ kind: 'ignore' });
  });

  test('keeps its timer, whatever but its time is said of it', () => {
    const world = World.at('starting');
    const timer = world.idOf('timer');
    expect(world.tell({ type: 'effect.done', effectId: timer })).toMatchObject({ kind: 'ignore' });
    const failed: Told = { type: 'effect.failed', effectId: timer, code: 'X', detail: 'x' };
    expect(world.tell(failed)).toMatchObject({ kind: 'ignore' });
    const start = world.idOf('session.start');
    expect(world.tell({ type: 'timer.due', effectId: start })).toMatchObject({ kind: 'ignore' });
  });

  test('whose agent was quicker than its confirmation does no harm when the confirmation never comes', () => {
    const world = World.at('starting');
    world.signal();
    world.fail('session.start');
    expect(world.ticket.status).toBe('completed');
    world.change({ type: 'timer.due', effectId: world.idOf('timer') });
    expect(world.ticket.status).toBe('completed');
  });
});

describe('an observation', () => {
  test('of an agent that asks shows the ticket as waiting and tells somebody, once', () => {
    const world = World.at('active');
    expect(opened(world.change(observed('asking')))).toEqual(['notify']);
    expect(world.ticket).toMatchObject({ status: 'waiting', observed: { state: 'asking', since: world.now } });
    expect(world.tell(observed('asking'))).toMatchObject({ kind: 'ignore' });
    expect(opened(world.change(observed('silent')))).toEqual([]);
    world.change({ ...observed('silent'), detail: 'for 5 minutes' } as Told);
    expect(world.ticket).toMatchObject({ status: 'waiting', observed: { detail: 'for 5 minutes' } });
  });

  test('of a question carries what its digits mean, and is news when that changes', () => {
    const world = World.at('active');
    world.change({ ...observed('asking'), choices: ['EUR'] } as Told);
    expect(world.tell({ ...observed('asking'), choices: ['EUR'] } as Told)).toMatchObject({ kind: 'ignore' });
    world.change({ ...observed('asking'), choices: ['EUR', 'USD'] } as Told);
    expect(world.ticket.observed?.choices).toEqual(['EUR', 'USD']);
    world.change(observed('silent'));
    expect(world.ticket.observed?.choices).toBeUndefined();
  });

  test('of an agent at work makes the ticket active again', () => {
    const world = World.at('waiting');
    world.change(observed('working'));
    expect(world.status).toBe('active');
  });

  test.each(['permission', 'silent', 'limited', 'turn_over', 'unreachable'] as const)(
    'of an agent that is %s is shown as waiting: idle is not done',
    (state) => {
      const world = World.at('active');
      world.change({ type: 'session.observed', sessionId: FIRST_SESSION, state, detail: 'why' });
      expect(world.ticket).toMatchObject({ status: 'waiting', observed: { state, detail: 'why' } });
    },
  );

  test('of another session, or before and after the work, changes nothing', () => {
    expect(World.at('active').tell(observed('asking', 'claude-ACME-17'))).toMatchObject({ kind: 'ignore' });
    for (const status of ['pending', 'approved', 'starting', 'completed', 'failed', 'done'] as const)
      expect(World.at(status).tell(observed('asking'))).toMatchObject({ kind: 'ignore' });
  });
});

describe('the end of a session', () => {
  test.each(['active', 'waiting'] as const)(
    'without a summary fails a ticket that is %s and frees its slots',
    (status) => {
      const world = World.at(status);
      const change = world.change(ended(1));
      expect(world.ticket).toMatchObject({
        status: 'failed',
        reason: { code: 'NO_SUMMARY' },
        session: { exitCode: 1 },
      });
      expect(world.ticket.reason?.text).toContain('exit code 1');
      expect(opened(change)).toEqual(['notify']);
      expect(change.leaves).toHaveLength(4);
      expect(world.tell(ended(1))).toMatchObject({ kind: 'ignore' });
    },
  );

  test('that nobody saw is told as a disappearance', () => {
    const world = World.at('active');
    world.change(ended(null));
    expect(world.ticket.reason?.text).toContain('disappeared');
  });

  test('in the time that it is kept for a person frees its slots and takes its planned stop back', () => {
    const world = World.at('completed');
    world.done('completion.collect');
    const stop = world.idOf('session.stop');
    const change = world.change(ended(0));
    expect(change.closes).toEqual([stop]);
    expect(change.leaves).toHaveLength(4);
    expect(world.status).toBe('completed');
  });

  test('takes back a message that was on its way to it', () => {
    const world = World.at('completed');
    world.change({ type: 'person.rejected', by, text: 'Tests are missing' });
    world.change(ended(1));
    expect(world.openOf('session.send')).toEqual([]);
    expect(world.status).toBe('failed');
  });

  test('is not believed while its start is under way, which may still create it', () => {
    const world = World.at('starting');
    expect(world.tell(ended(null))).toMatchObject({ kind: 'ignore' });
    expect(world.ledger.slots.size).toBe(4);
    world.done('session.start');
    world.change(ended(null));
    expect(world.status).toBe('failed');
  });

  test('of another session changes nothing', () => {
    expect(World.at('active').tell(ended(1, `${FIRST_SESSION}-2`))).toMatchObject({ kind: 'ignore' });
    expect(World.at('pending').tell(ended(1))).toMatchObject({ kind: 'ignore' });
  });
});

describe('a runner', () => {
  test('that is lost is shown, keeps the slots, and is told once', () => {
    const world = World.at('active');
    const change = world.change({ type: 'runner.lost', runner: RUNNER });
    expect(change.opens[0]?.item.args).toEqual({ kind: 'runner_lost' });
    expect(change.leaves).toEqual([]);
    expect(world.ticket).toMatchObject({ status: 'waiting', observed: { state: 'unreachable' } });
    expect(world.tell({ type: 'runner.lost', runner: RUNNER })).toMatchObject({ kind: 'ignore' });
  });

  test('that comes back lets its agents work again', () => {
    const world = World.at('active');
    expect(world.tell({ type: 'runner.back', runner: RUNNER })).toMatchObject({ kind: 'ignore' });
    world.change({ type: 'runner.lost', runner: RUNNER });
    world.change({ type: 'runner.back', runner: RUNNER });
    expect(world.ticket).toMatchObject({ status: 'active', observed: { state: 'working' } });
  });

  test('that is not the ticket’s means nothing', () => {
    const world = World.at('active');
    expect(world.tell({ type: 'runner.lost', runner: 'runner-2' })).toMatchObject({ kind: 'ignore' });
    expect(World.at('completed').tell({ type: 'runner.lost', runner: RUNNER })).toMatchObject({ kind: 'ignore' });
  });

  test('that is lost while it starts a session is shown, and forgotten when it comes back or the session is there', () => {
    const world = World.at('starting');
    world.change({ type: 'runner.lost', runner: RUNNER });
    expect(world.ticket).toMatchObject({ status: 'starting', observed: { state: 'unreachable' } });
    world.change({ type: 'runner.back', runner: RUNNER });
    expect(world.ticket.observed).toBeUndefined();
    world.change({ type: 'runner.lost', runner: RUNNER });
    world.done('session.start');
    expect(world.ticket).toMatchObject({ status: 'active' });
    expect(world.ticket.observed).toBeUndefined();
  });

  test.each(['starting', 'active', 'waiting', 'failed'] as const)(
    'that is gone gives up a %s ticket to another one: a new attempt, whose slots are free',
    (status) => {
      const world = World.at(status === 'failed' ? 'starting' : status);
      if (status === 'failed') world.change({ type: 'person.stopped', by });
      expect(world.tell({ type: 'person.retried', by, givesUp: 'runner-2' })).toMatchObject({ kind: 'refuse' });
      const change = world.change({ type: 'person.retried', by, givesUp: RUNNER });
      expect(change.leaves).toHaveLength(4);
      expect(opened(change)).toEqual(['session.assign']);
      expect(world.ticket).toMatchObject({ status: 'approved', attempt: 2, sessionSeq: 2 });
      expect(Object.values(world.ticket.open).filter(({ args }) => args.runner === RUNNER)).toEqual([]);
      world.claim('runner-2');
      expect(world.ticket).toMatchObject({ runner: 'runner-2', session: { id: `${FIRST_SESSION}-2` } });
      // whatever the old one still says comes too late
      expect(world.tell({ type: 'session.observed', sessionId: FIRST_SESSION, state: 'asking' }).kind).toBe('ignore');
      expect(world.tell({ type: 'session.ended', sessionId: FIRST_SESSION, exitCode: 0 }).kind).toBe('ignore');
      const said = { sessionId: FIRST_SESSION, summary: 'late', channel: 'spool' } as const;
      expect(world.tell({ type: 'completion.signalled', ...said }).kind).toBe('ignore');
    },
  );

  test('that is gone lets a ticket go on that waits for the end of its earlier session there', () => {
    const world = World.at('active');
    world.change({ type: 'person.stopped', by });
    world.change({ type: 'person.retried', by });
    expect(world.openOf('session.assign')).toEqual([]);
    expect(opened(world.change({ type: 'person.retried', by, givesUp: RUNNER }))).toEqual(['session.assign']);
    expect(world.ticket).toMatchObject({ status: 'approved', attempt: 2, sessionSeq: 2 });
  });

  test('that is given up fails what its agents were at work on, and frees every slot', () => {
    const world = World.at('waiting');
    const change = world.change({ type: 'runner.given_up', by, runner: RUNNER });
    expect(change.leaves).toHaveLength(4);
    expect(world.ticket).toMatchObject({ status: 'failed', reason: { code: 'RUNNER_GONE' } });
    expect(world.tell({ type: 'runner.given_up', by, runner: RUNNER })).toMatchObject({ kind: 'ignore' });

    const kept = World.at('completed');
    expect(kept.change({ type: 'runner.given_up', by, runner: RUNNER }).leaves).toHaveLength(4);
    expect(kept.ticket).toMatchObject({ status: 'completed' });
    expect(kept.openOf('session.stop')).toEqual([]);
  });
});

test('a session that works in the repository itself takes that repository on its runner, and gives it back', () => {
  const world = new World({ ...policyFor(), exclusiveRepo: 'abc123' });
  world.change(trigger());
  world.change({ type: 'person.approved', by });
  expect(world.claim().joins.at(-1)).toEqual({ set: `slots:repo:${RUNNER}:abc123`, max: 1 });
  world.done('session.start');
  expect(world.change(ended(0)).leaves).toContain(`slots:repo:${RUNNER}:abc123`);
});

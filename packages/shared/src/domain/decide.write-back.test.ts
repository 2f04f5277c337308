import { describe, expect, test } from 'vitest';
import { by, FIRST_SESSION, policyFor, type Told, trigger } from './testing/fixtures.ts';
import { opened, World } from './testing/world.ts';
import { SUPERVISED, type WriteBack, withLinks } from './workflow.ts';

const updateApproved: Told = { type: 'person.update_approved', by };
const retried: Told = { type: 'person.retried', by };

/** A ticket whose summary was just approved, with other writes than the usual ones. */
function writing(...writeBack: WriteBack[]): World {
  const world = new World(policyFor({ ...SUPERVISED, writeBack }));
  world.change(trigger());
  world.change({ type: 'person.approved', by });
  world.claim();
  world.done('session.start');
  world.signal();
  world.change(updateApproved);
  return world;
}

describe('the write-back', () => {
  test('writes the comment, then the state, each under a key fixed when the summary was approved', () => {
    const world = World.at('completed');
    const change = world.change(updateApproved);
    const { version } = world.loaded;
    expect(change.opens.map(({ item }) => [item.type, item.queue, item.key])).toEqual([
      ['plane.comment', 'plane-write', `inst1-ACME-16-v${version}-1`],
    ]);
    expect(world.ticket.lanes.plane).toEqual([{ type: 'plane.state', args: {}, key: `inst1-ACME-16-v${version}-2` }]);
    const next = world.done('plane.comment', { commentId: 'comment-1' });
    expect(next.opens.map(({ item }) => [item.type, item.key])).toEqual([
      ['plane.state', `inst1-ACME-16-v${version}-2`],
    ]);
    expect(world.status).toBe('updating');
    world.done('plane.state', { stateId: 'done' });
    expect(world.ticket).toMatchObject({ status: 'done', result: { commentId: 'comment-1', stateId: 'done' } });
    expect(world.ticket.reason).toBeUndefined();
  });

  test('does not wait for the end of the session, nor the session for it', () => {
    const world = World.at('done');
    expect(world.ledger.slots.size).toBe(4);
    world.done('completion.collect', { commits: 1 });
    expect(world.done('session.stop').leaves).toHaveLength(4);
    expect(world.ticket).toMatchObject({ status: 'done', result: { commits: 1 } });
  });

  test('whose state fails for good is done with a warning', () => {
    const world = World.at('updating');
    world.done('plane.comment');
    world.fail('plane.state', 'PLANE_STATE_UNKNOWN', 'no such state');
    expect(world.ticket).toMatchObject({ status: 'done', reason: { code: 'STATE_FAILED', text: 'no such state' } });
  });

  test('whose state a person had moved meanwhile is done with a warning', () => {
    const world = World.at('updating');
    world.done('plane.comment');
    world.done('plane.state', { warning: 'moved by somebody' });
    expect(world.ticket).toMatchObject({
      status: 'done',
      reason: { code: 'STATE_NOT_SET', text: 'moved by somebody' },
    });
  });

  test('keeps the warning of a state that was to be written before the comment', () => {
    const world = writing('plane.state', 'plane.comment');
    world.fail('plane.state', 'PLANE_STATE_UNKNOWN', 'no such state');
    expect(world.status).toBe('updating');
    world.done('plane.comment');
    expect(world.ticket).toMatchObject({ status: 'done', reason: { code: 'STATE_FAILED' } });
  });

  test('that writes nothing is done at once', () => {
    const world = writing();
    expect(world.status).toBe('done');
    world.settleSessions();
    expect(world.ledger.slots.size).toBe(0);
  });

  test('of a project that shows its branches has the link between comment and state', () => {
    const world = writing(...withLinks(SUPERVISED).writeBack);
    expect(opened(world.done('plane.comment'))).toEqual(['plane.link']);
    expect(opened(world.done('plane.link'))).toEqual(['plane.state']);
    world.done('plane.state');
    expect(world.ticket.reason).toBeUndefined();
  });

  test('whose link fails for good goes on and is done with a warning', () => {
    const world = writing(...withLinks(SUPERVISED).writeBack);
    world.done('plane.comment');
    expect(opened(world.fail('plane.link', 'PLANE_REFUSED', 'not a URL'))).toEqual(['plane.state']);
    world.done('plane.state');
    expect(world.ticket).toMatchObject({ status: 'done', reason: { code: 'LINK_FAILED', text: 'not a URL' } });
  });

  test.each(['plane.link', 'plane.state'] as const)(
    'that finds its work item gone at %s cancels the ticket',
    (type) => {
      const world = writing('plane.comment', type, 'plane.comment');
      world.done('plane.comment');
      const change = world.fail(type, 'WORK_ITEM_GONE', 'deleted in Plane');
      expect(world.ticket).toMatchObject({
        status: 'cancelled',
        reason: { code: 'WORK_ITEM_GONE' },
        lanes: { plane: [] },
      });
      expect(opened(change)).toEqual(['session.stop']);
    },
  );

  test('to a work item that is gone cancels the ticket and writes nothing more', () => {
    const world = World.at('updating');
    const change = world.fail('plane.comment', 'WORK_ITEM_GONE', 'deleted in Plane');
    expect(world.ticket).toMatchObject({
      status: 'cancelled',
      reason: { code: 'WORK_ITEM_GONE', text: 'deleted in Plane' },
      lanes: { plane: [] },
    });
    expect(opened(change)).toEqual(['session.stop']);
  });
});

describe('a comment that fails for good', () => {
  const parked = (): World => {
    const world = World.at('updating');
    world.fail('plane.comment', 'PLANE_REFUSED', 'too long');
    return world;
  };

  test('is parked: out of the outbox, in the ticket, before the state, and somebody is told', () => {
    const world = World.at('updating');
    const comment = world.idOf('plane.comment');
    const change = world.fail('plane.comment', 'PLANE_REFUSED', 'too long');
    expect(change.closes).toContain(comment);
    expect(change.opens.map(({ item }) => item.args)).toEqual([{ kind: 'parked' }]);
    expect(world.ticket).toMatchObject({
      status: 'updating',
      reason: { code: 'PLANE_REFUSED', text: 'plane.comment: too long' },
    });
    expect(world.ticket.open[comment]?.parked).toEqual({ code: 'PLANE_REFUSED', detail: 'too long', at: world.now });
    expect(world.ticket.lanes.plane).toHaveLength(1);
    const again: Told = { type: 'effect.failed', effectId: comment, code: 'JOB_FAILED', detail: 'x' };
    expect(world.tell(again)).toMatchObject({ kind: 'ignore' });
  });

  test.each([['a retry', retried] as const, ['another approval', updateApproved] as const])(
    'is opened anew under its old key by %s',
    (_, told) => {
      const world = parked();
      const [id, { key }] = world.openOf('plane.comment')[0] ?? ['', {}];
      const change = world.change(told);
      expect(change.closes).toEqual([id]);
      expect(change.opens.map(({ item }) => [item.type, item.key])).toEqual([['plane.comment', key]]);
      expect(world.idOf('plane.comment')).not.toBe(id);
      expect(world.ticket.reason).toBeUndefined();
      world.done('plane.comment');
      world.done('plane.state');
      expect(world.status).toBe('done');
      expect(world.ticket.reason).toBeUndefined();
    },
  );

  test('may be approved again with another text', () => {
    const world = parked();
    world.change({ ...updateApproved, summary: 'Shorter' } as Told);
    expect(world.ticket.summary).toBe('Shorter');
  });

  test('may be done after all, when somebody retries its job', () => {
    const world = parked();
    expect(opened(world.done('plane.comment', { commentId: 'c1' }))).toEqual(['plane.state']);
    expect(world.ticket.reason).toBeUndefined();
  });

  test('may be given up by cancelling', () => {
    const world = parked();
    world.change({ type: 'person.cancelled', by });
    expect(world.ticket.status).toBe('cancelled');
    expect(world.openOf('plane.comment')).toEqual([]);
  });
});

describe('a stop that fails for good', () => {
  const parked = (world: World): World => {
    world.fail('session.stop', 'TMUX_UNAVAILABLE', 'no server');
    return world;
  };
  const finished = (): World => {
    const world = World.at('done');
    world.done('completion.collect');
    return parked(world);
  };

  test('is shown on a finished ticket until it has succeeded', () => {
    const world = finished();
    expect(world.ticket).toMatchObject({ status: 'done', reason: { code: 'TMUX_UNAVAILABLE' } });
    expect(world.ledger.slots.size).toBe(4);
    expect(opened(world.change(retried))).toEqual(['session.stop']);
    world.done('session.stop');
    expect(world.ticket.reason).toBeUndefined();
    expect(world.ledger.slots.size).toBe(0);
  });

  test('leaves the reason of a failure or a cancellation in its place', () => {
    const failed = World.at('starting');
    failed.change({ type: 'timer.due', effectId: failed.idOf('timer') });
    expect(parked(failed).ticket.reason?.code).toBe('START_TIMEOUT');
    const gone = World.at('active');
    gone.change({ type: 'person.cancelled', by });
    expect(parked(gone).ticket.reason?.code).toBe('CANCELLED');
  });

  test('does not hide a comment that failed after it', () => {
    const world = World.at('updating');
    world.done('completion.collect');
    parked(world);
    world.fail('plane.comment', 'PLANE_REFUSED', 'too long');
    expect(world.ticket.reason?.code).toBe('PLANE_REFUSED');
    expect(opened(world.change(retried)).toSorted()).toEqual(['plane.comment', 'session.stop']);
  });

  test('does not hold up a retry, which tries it again first', () => {
    const world = World.at('starting');
    world.fail('session.start');
    parked(world);
    expect(opened(world.change(retried))).toEqual(['session.stop']);
    expect(opened(world.done('session.stop'))).toEqual(['session.assign']);
  });

  test('is over when the session is seen to have ended', () => {
    const world = finished();
    world.change({ type: 'session.ended', sessionId: FIRST_SESSION, exitCode: 0 });
    expect(world.openOf('session.stop')).toEqual([]);
    expect(world.ticket.reason).toBeUndefined();
    expect(world.ledger.slots.size).toBe(0);
  });

  test('does not let a second approval change what is being written', () => {
    const world = World.at('completed');
    world.done('completion.collect');
    parked(world);
    world.change(updateApproved);
    expect(opened(world.change({ ...updateApproved, summary: 'Another' } as Told))).toEqual(['session.stop']);
    expect(world.ticket.summary).toBe('Fixed the login');
  });
});

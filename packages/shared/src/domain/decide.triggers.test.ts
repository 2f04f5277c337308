import { describe, expect, test } from 'vitest';
import {
  by,
  FIRST_SESSION,
  policyFor,
  TICKET_ID,
  type Told,
  trigger,
  UNATTENDED,
  WORK_ITEM,
} from './testing/fixtures.ts';
import { opened, World } from './testing/world.ts';

const changedTo = (over: object): Told => ({
  type: 'work_item.changed',
  workItem: { ...WORK_ITEM, labels: ['bug'], ...over },
});
const closed: Told = { type: 'work_item.closed', why: 'deleted in Plane' };

describe('a trigger', () => {
  test('makes a pending ticket, keeps its description apart and tells somebody', () => {
    const world = new World();
    const change = world.change(trigger());
    expect(world.ticket).toMatchObject({
      id: TICKET_ID,
      status: 'pending',
      stage: 'implement',
      attempt: 1,
      sessionSeq: 0,
      trigger: { type: 'new_ticket', at: world.now },
      workItem: { title: 'Login fails' },
    });
    expect(change.body).toBe('Steps to repeat');
    expect(opened(change)).toEqual(['notify']);
    expect(change.opens[0]?.item).toMatchObject({ id: 'ACME-16-v1-1', queue: 'notify', args: { kind: 'pending' } });
  });

  test('opens its effects above the floor that purged tickets left behind', () => {
    const world = new World();
    world.loaded = { version: 41, ticket: null };
    expect(world.change(trigger()).opens[0]?.item.id).toBe('ACME-16-v42-1');
  });

  test('starts at once where the policy approves it', () => {
    const world = new World(policyFor(UNATTENDED));
    expect(opened(world.change(trigger()))).toEqual(['session.assign']);
    expect(world.ticket).toMatchObject({ status: 'approved', sessionSeq: 1 });
  });

  test.each([policyFor(), policyFor(UNATTENDED)])(
    'brought in from a file waits for a person in any workflow',
    (policy) => {
      const world = new World(policy);
      expect(opened(world.change({ ...trigger(), imported: {} } as Told))).toEqual(['notify']); // the head is added when it is told
      expect(world.status).toBe('pending');
    },
  );

  test('brought in with a summary awaits the approval of that, which is then written', () => {
    const world = new World();
    const imported = { summary: ' Fixed it ', completedAt: 5 };
    expect(opened(world.change({ ...trigger(), imported } as Told))).toEqual(['notify']); // the head is added when it is told
    expect(world.ticket).toMatchObject({ status: 'completed', summary: 'Fixed it', completedAt: 5, sessionSeq: 0 });
    expect(opened(world.change({ type: 'person.update_approved', by }))).toEqual(['plane.comment']);
    expect(world.status).toBe('updating');
  });

  test('brought in with the summary of a ticket that is finished here begins a round like any other', () => {
    const world = World.at('cancelled');
    world.change({ ...trigger(), imported: { summary: 'Fixed it' } } as Told);
    expect(world.ticket).toMatchObject({ status: 'pending' });
    expect(world.ticket.summary).toBeUndefined();
  });

  test('starts at once where a rule has approved it, which the ticket says; later ones change nothing', () => {
    const world = new World();
    const approved = { ...trigger(), isAutoApproved: true } as Told; // the head is added when it is told
    expect(opened(world.change(approved))).toEqual(['session.assign']);
    expect(world.ticket).toMatchObject({ status: 'approved', approvedBy: 'policy', approvedAt: world.now });
    const pending = World.at('pending');
    pending.change(approved);
    expect(pending.ticket.status).toBe('pending');
  });

  test.each(['pending', 'active'] as const)(
    'of another work item under the same key is refused while the ticket is %s',
    (status) => {
      const world = World.at(status);
      const before = structuredClone(world.ticket);
      const told = { ...trigger(), workItem: { ...WORK_ITEM, uuid: 'another-uuid' } } as unknown as Told; // the head is added when it is told
      expect(world.tell(told)).toMatchObject({ kind: 'refuse', code: 'TICKET_EXISTS' });
      expect(world.ticket).toEqual(before);
    },
  );

  test('refreshes a pending ticket', () => {
    const world = World.at('pending');
    const told = { ...trigger({ title: 'Login fails twice' }), trigger: { type: 'comment_added', commentId: 'c1' } };
    const change = world.change(told as Told);
    expect(world.ticket).toMatchObject({
      status: 'pending',
      workItem: { title: 'Login fails twice' },
      trigger: { type: 'comment_added', commentId: 'c1', at: world.now },
      counters: { missedTriggers: 0 },
    });
    expect(change.body).toBe('Steps to repeat');
    expect(change.opens).toEqual([]);
  });

  test.each(['approved', 'starting', 'active', 'waiting', 'completed', 'updating', 'failed'] as const)(
    'is remembered while the ticket is %s, and begins nothing',
    (status) => {
      const world = World.at(status);
      const { trigger: first } = world.ticket;
      expect(opened(world.change(trigger({ title: 'Again' })))).toEqual([]);
      expect(world.ticket).toMatchObject({ status, trigger: first, counters: { missedTriggers: 1 } });
      expect(world.ticket.workItem.title).toBe('Again');
    },
  );
});

describe('a new round', () => {
  test.each(['done', 'cancelled'] as const)('begins when a ticket that is %s is triggered again', (status) => {
    const world = World.at(status);
    const { version } = world.loaded;
    expect(opened(world.change(trigger()))).toEqual(['notify']);
    expect(world.loaded.version).toBe(version + 1);
    expect(world.ticket).toMatchObject({
      status: 'pending',
      attempt: 1,
      counters: { rejections: 0, missedTriggers: 0 },
    });
    expect(world.ticket.summary).toBeUndefined();
    expect(world.ticket.reason).toBeUndefined();
  });

  test('keeps the count of sessions, so that no session name comes back', () => {
    const world = World.at('done');
    world.settleSessions();
    world.change(trigger());
    expect(world.ticket.sessionSeq).toBe(1);
    world.change({ type: 'person.approved', by });
    world.claim();
    expect(world.ticket.session?.id).toBe(`${FIRST_SESSION}-2`);
  });

  test('still ends the session of the round before, and only then starts its own', () => {
    const world = World.at('done');
    world.done('completion.collect');
    world.change(trigger());
    expect(world.idOf('session.stop')).toBeDefined();
    expect(world.ledger.slots.size).toBe(4);
    const change = world.change({ type: 'person.approved', by });
    expect(change.opens.map(({ item, delayMs }) => [item.type, item.args.sessionId, delayMs])).toEqual([
      ['session.stop', FIRST_SESSION, 0],
    ]);
    const stopped = world.done('session.stop');
    expect(opened(stopped)).toEqual(['session.assign']);
    expect(stopped.leaves).toHaveLength(4);
  });

  test('of an agent that a person wanted gone begins with a stop, too', () => {
    const world = World.at('active');
    world.change({ type: 'person.cancelled', by });
    world.change(trigger());
    expect(world.ticket.status).toBe('pending');
    expect(opened(world.done('session.stop'))).toEqual([]);
    expect(world.ledger.slots.size).toBe(0);
  });
});

describe('a change of the work item', () => {
  test.each(['pending', 'approved', 'starting', 'active', 'waiting', 'completed', 'updating', 'failed'] as const)(
    'is taken over while the ticket is %s',
    (status) => {
      const world = World.at(status);
      world.change(changedTo({ title: 'New title', priority: 'urgent' }));
      expect(world.ticket).toMatchObject({ status, workItem: { title: 'New title', priority: 'urgent' } });
    },
  );

  test('that changes nothing is ignored, and a new description is stored', () => {
    const world = World.at('active');
    expect(world.tell(changedTo({}))).toMatchObject({ kind: 'ignore' });
    expect(world.change({ ...changedTo({}), description: 'More steps' } as Told).body).toBe('More steps');
  });

  test('to another project leaves the slots of a living session where they were taken', () => {
    const world = World.at('active');
    const change = world.change(changedTo({ projectId: 'project-other' }));
    expect(change).toMatchObject({ joins: [], leaves: [] });
    world.signal();
    world.done('completion.collect');
    expect(world.done('session.stop').leaves).toContain('slots:project:project-acme');
  });

  test.each(['done', 'cancelled'] as const)('is ignored when the ticket is %s', (status) => {
    expect(World.at(status).tell(changedTo({ title: 'Late' }))).toMatchObject({ kind: 'ignore' });
  });
});

describe('a work item that was closed', () => {
  test('but is still there leaves an approved write-back alone, and nothing else', () => {
    const moved = { ...closed, why: 'completed in Plane', isThere: true } as Told;
    expect(World.at('updating').tell(moved)).toMatchObject({ kind: 'ignore' });
    for (const status of ['pending', 'active', 'completed', 'failed'] as const) {
      const world = World.at(status);
      world.change(moved);
      expect(world.ticket).toMatchObject({ status: 'cancelled', reason: { code: 'WORK_ITEM_CLOSED' } });
    }
  });

  test('says in the ticket why, that its session is stopped, and where the work stays', () => {
    const world = World.at('active');
    const branch = world.ticket.session?.branch;
    world.change(closed);
    const kept = branch === undefined ? '' : `; the work stays on the branch ${branch}`;
    expect(world.ticket.reason?.text).toBe(`deleted in Plane; the session is stopped${kept}`);
    const pending = World.at('pending');
    pending.change(closed);
    expect(pending.ticket.reason?.text).toBe('deleted in Plane');
  });

  test.each(['pending', 'approved', 'completed', 'updating', 'failed'] as const)(
    'cancels a ticket that is %s and takes back what was asked for',
    (status) => {
      const world = World.at(status);
      const open = Object.keys(world.ticket.open);
      const change = world.change(closed);
      expect(world.ticket).toMatchObject({ status: 'cancelled', reason: { code: 'WORK_ITEM_GONE' } });
      expect(change.closes).toEqual(open);
    },
  );

  test.each(['starting', 'active', 'waiting'] as const)('stops the session of a ticket that is %s', (status) => {
    const world = World.at(status);
    expect(opened(world.change(closed))).toEqual(['session.stop']);
    expect(world.done('session.stop').leaves).toHaveLength(4);
  });

  test.each(['done', 'cancelled'] as const)('means nothing to a ticket that is %s', (status) => {
    expect(World.at(status).tell(closed)).toMatchObject({ kind: 'ignore' });
  });
});

test('what is said of a ticket that does not exist is refused to people and ignored from everybody else', () => {
  const world = new World();
  expect(world.tell({ type: 'person.approved', by })).toMatchObject({ kind: 'refuse', code: 'TICKET_NOT_FOUND' });
  expect(world.tell(closed)).toMatchObject({ kind: 'ignore' });
  expect(world.tell({ type: 'timer.due', effectId: 'ACME-16-v1-1' })).toMatchObject({ kind: 'ignore' });
});

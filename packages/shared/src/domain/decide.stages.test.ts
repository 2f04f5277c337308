import { describe, expect, test } from 'vitest';
import { ATTENDED, by, FIRST_SESSION, policyFor, trigger, UNATTENDED } from './testing/fixtures.ts';
import { opened, World } from './testing/world.ts';
import type { Workflow } from './workflow.ts';

/** A world in which the present stage is at work. */
function work(world: World): World {
  if (world.status === 'pending') world.change({ type: 'person.approved', by });
  if (world.openOf('session.assign').length === 0) world.settleSessions();
  world.claim();
  world.done('session.start');
  return world;
}
function begun(workflow: Workflow): World {
  const world = new World(policyFor(workflow));
  world.change(trigger());
  return world;
}

describe('a workflow without people', () => {
  test('runs through both of its stages, one session after the other, and is done', () => {
    const world = work(begun(UNATTENDED));
    expect(opened(world.signal('Planned'))).toEqual(['completion.collect']);
    expect(world.ticket).toMatchObject({ status: 'approved', stage: 'build', attempt: 1, sessionSeq: 2 });
    expect(opened(world.done('completion.collect'))).toEqual(['session.stop']);
    expect(opened(world.done('session.stop'))).toEqual(['session.assign']);
    const claim = world.claim();
    expect(world.ticket.session?.id).toBe(`${FIRST_SESSION}-2`);
    expect(claim.joins).toContainEqual({ set: 'slots:stage:build', max: 1 });
    world.done('session.start');
    world.signal('Built');
    expect(world.ticket).toMatchObject({ status: 'done', summary: 'Built' });
    world.settleSessions();
    expect(world.ledger.slots.size).toBe(0);
  });

  test('keeps the slots of a stage until its session has ended, and takes none of the next before its claim', () => {
    const world = work(begun(UNATTENDED));
    expect(world.signal('Planned')).toMatchObject({ joins: [], leaves: [] });
    expect(world.ledger.slots).toContain('slots:stage:plan');
    world.done('completion.collect');
    expect(world.done('session.stop').leaves).toContain('slots:stage:plan');
  });

  test('needs a person only when a stage fails, and goes on from that stage', () => {
    const world = work(begun(UNATTENDED));
    world.signal('Planned');
    work(world);
    world.change({ type: 'session.ended', sessionId: `${FIRST_SESSION}-2`, exitCode: 1 });
    expect(world.ticket).toMatchObject({ status: 'failed', stage: 'build' });
    world.change({ type: 'person.retried', by });
    expect(world.ticket).toMatchObject({ status: 'approved', stage: 'build', attempt: 2, sessionSeq: 3 });
  });

  test('counts the attempts of each stage by itself', () => {
    const world = work(begun(UNATTENDED));
    world.change({ type: 'session.ended', sessionId: FIRST_SESSION, exitCode: 1 });
    world.change({ type: 'person.retried', by });
    expect(world.ticket).toMatchObject({ stage: 'plan', attempt: 2 });
    work(world).signal('Planned');
    expect(world.ticket).toMatchObject({ stage: 'build', attempt: 1 });
  });

  test('takes a summary that comes late', () => {
    const world = work(begun(UNATTENDED));
    world.change({ type: 'session.ended', sessionId: FIRST_SESSION, exitCode: 1 });
    world.signal('Planned after all');
    expect(world.ticket).toMatchObject({ status: 'approved', stage: 'build' });
  });
});

describe('a workflow with a person at every door', () => {
  test('does not begin a stage before it is approved, and tells that it waits', () => {
    const world = work(begun(ATTENDED));
    const change = world.signal('Planned');
    expect(world.ticket).toMatchObject({ status: 'pending', stage: 'build', sessionSeq: 1 });
    expect(change.opens.map(({ item }) => [item.type, item.args.kind])).toEqual([
      ['notify', 'pending'],
      ['completion.collect', undefined],
    ]);
    world.settleSessions();
    expect(world.ledger.slots.size).toBe(0);
    expect(world.openOf('session.assign')).toEqual([]);
  });

  test('goes from stage to stage and writes back after the last', () => {
    const world = begun(ATTENDED);
    work(world).signal('Planned');
    work(world).signal('Built');
    expect(world.ticket).toMatchObject({ status: 'completed', stage: 'build' });
    world.change({ type: 'person.update_approved', by });
    expect(world.ticket).toMatchObject({ status: 'pending', stage: 'check' });
    work(world).signal('Checked');
    expect(opened(world.change({ type: 'person.update_approved', by }))).toEqual(['plane.state']);
    world.done('plane.state');
    world.done('plane.comment');
    expect(world.ticket).toMatchObject({ status: 'done', sessionSeq: 3, stage: 'check' });
  });
});

test('a ticket whose stage has left its workflow goes on with the first stage', () => {
  const world = work(begun(UNATTENDED));
  const { version, ticket } = world.loaded;
  if (ticket) world.loaded = { version, ticket: { ...ticket, stage: 'gone' } };
  world.signal('Planned');
  expect(world.ticket.stage).toBe('build');
});

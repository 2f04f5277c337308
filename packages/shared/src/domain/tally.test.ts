import { expect, test } from 'vitest';
import { tallyOf } from './tally.ts';
import { BUDGET, by, FIRST_SESSION, policyFor } from './testing/fixtures.ts';
import { World } from './testing/world.ts';

/** What the last step of a story is counted as. */
function counted(world: World, step: (world: World) => unknown): Record<string, number> {
  const before = world.loaded.ticket;
  step(world);
  const event = world.history.at(-1);
  if (!event) throw new Error('nothing happened');
  return Object.fromEntries(tallyOf(before, event, world.ticket));
}

test('an approval counts when its session has started', () => {
  const approve = (world: World) => world.change({ type: 'person.approved', by });
  expect(counted(World.at('pending'), approve)).toEqual({ 'tickets_moved_total approved': 1 });
  expect(counted(World.at('starting'), (world) => world.done('session.start'))).toEqual({
    plane_tickets_approved_total: 1,
    'tickets_moved_total active': 1,
  });
});

test('a completion counts once, with the time since its approval in the bucket where it belongs', () => {
  const world = World.at('active');
  world.now = (world.ticket.approvedAt ?? 0) + 301_000 - 1; // the next event comes a millisecond later
  expect(counted(world, (it) => it.signal())).toEqual({
    plane_tickets_completed_total: 1,
    'plane_session_duration_seconds 600': 1,
    'plane_session_duration_seconds sum': 301,
    'tickets_moved_total completed': 1,
  });
  expect(counted(world, (it) => it.change({ type: 'person.update_approved', by }))).toEqual({
    'tickets_moved_total updating': 1,
  });
});

test('an agent that reports before its start is committed counts as approved and completed', () => {
  const told = counted(World.at('starting'), (world) => world.signal());
  expect(told).toMatchObject({ plane_tickets_approved_total: 1, plane_tickets_completed_total: 1 });
});

test('a session longer than the last bucket counts under +Inf', () => {
  const world = World.at('active');
  world.now = (world.ticket.approvedAt ?? 0) + 20_000_000;
  expect(counted(world, (it) => it.signal())).toMatchObject({ 'plane_session_duration_seconds +Inf': 1 });
});

test('a write-back has one outcome', () => {
  const world = World.at('updating');
  expect(counted(world, (it) => it.fail('plane.comment'))).toEqual({ 'plane_updates_total failed_comment': 1 });
  world.change({ type: 'person.retried', by });
  expect(counted(world, (it) => it.done('plane.comment'))).toEqual({});
  expect(counted(world, (it) => it.done('plane.state'))).toMatchObject({ 'plane_updates_total success': 1 });
  const other = World.at('updating');
  other.done('plane.comment');
  expect(counted(other, (it) => it.fail('plane.state'))).toMatchObject({ 'plane_updates_total failed_state': 1 });
});

test('what agents use is counted as it grows, once, for the project of the work item', () => {
  const world = World.at('active');
  const project = world.ticket.id.slice(0, world.ticket.id.lastIndexOf('-'));
  world.signal();
  const spent = { tokens: 100, costUsd: 0.5 };
  expect(counted(world, (it) => it.done('completion.collect', { spent }))).toEqual({
    [`agent_tokens_total ${project}`]: 100,
    [`agent_cost_usd_total ${project}`]: 0.5,
  });
  world.change({ type: 'person.update_approved', by });
  expect(counted(world, (it) => it.done('session.stop', { spent: { tokens: 130, costUsd: 0.5 } }))).toMatchObject({
    [`agent_tokens_total ${project}`]: 30,
  });
});

test('a session that died is paid for as well, and one of a new attempt begins at nothing', () => {
  const world = World.at('active');
  const project = world.ticket.id.slice(0, world.ticket.id.lastIndexOf('-'));
  const ends = (tokens: number) => (it: World) =>
    it.change({
      type: 'session.ended',
      sessionId: it.ticket.session?.id ?? '',
      exitCode: 1,
      spent: { tokens, costUsd: 0 },
    });
  expect(counted(world, ends(50))).toMatchObject({ [`agent_tokens_total ${project}`]: 50 });
  world.change({ type: 'person.retried', by });
  world.claim();
  world.done('session.start');
  expect(counted(world, ends(20))).toMatchObject({ [`agent_tokens_total ${project}`]: 20 });
});

test('a session that is ended at a limit of its budget is counted', () => {
  const world = World.at('active', policyFor(undefined, BUDGET));
  const spends = (it: World) => it.change({ type: 'session.used', sessionId: FIRST_SESSION, used: { turns: 10 } });
  expect(counted(world, spends)).toMatchObject({ tickets_over_budget_total: 1 });
});

import { expect, test } from 'vitest';
import { by, trigger } from './testing/fixtures.ts';
import { World } from './testing/world.ts';
import { everStarted, sessionLives, slotsOf } from './ticket.ts';

test('a slot is a ticket whose session lives', () => {
  expect(slotsOf(null)).toEqual([]);
  for (const status of ['pending', 'approved', 'failed', 'cancelled'] as const) {
    expect(sessionLives(World.at(status).ticket)).toBe(false);
    expect(slotsOf(World.at(status).ticket)).toEqual([]);
  }
  for (const status of ['starting', 'active', 'waiting', 'completed', 'updating', 'done'] as const)
    expect(slotsOf(World.at(status).ticket)).toEqual([
      'slots:all',
      'slots:project:project-acme',
      'slots:runner:runner-1',
      'slots:stage:implement',
    ]);
});

test('a ticket that failed before its agent ran is told from one that was interrupted', () => {
  expect(everStarted(World.at('failed').ticket)).toBe(true);
  const world = World.at('starting');
  world.fail('session.start');
  expect(everStarted(world.ticket)).toBe(false);
});

test('a session of an earlier round does not count as one of this round', () => {
  const world = World.at('done');
  expect(everStarted(world.ticket)).toBe(true);
  world.settleSessions();
  world.change(trigger());
  world.change({ type: 'person.approved', by });
  world.fail('session.assign');
  expect(everStarted(world.ticket)).toBe(false);
});

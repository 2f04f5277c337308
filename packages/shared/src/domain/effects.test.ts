import { expect, test } from 'vitest';
import { EFFECTS, EffectType, LANES, OutboxItem } from './effects.ts';

const args = { runner: 'runner-1', pool: 'default' };

test('every effect has the lane and the queue that the specification gives it', () => {
  const table = EffectType.options.map((type) => [type, EFFECTS[type].lane, EFFECTS[type].queue(args)]);
  expect(table).toEqual([
    ['session.assign', 'session', 'session.default'],
    ['session.start', 'session', 'runner.runner-1'],
    ['session.stop', 'session', 'runner.runner-1'],
    ['session.send', 'session', 'runner.runner-1'],
    ['completion.collect', 'session', 'completion.runner-1'],
    ['plane.comment', 'plane', 'plane-write'],
    ['plane.link', 'plane', 'plane-write'],
    ['plane.state', 'plane', 'plane-write'],
    ['notify', null, 'notify'],
    ['timer', null, null],
  ]);
});

test('every lane has effects', () => {
  for (const lane of LANES) expect(Object.values(EFFECTS).some((kind) => kind.lane === lane)).toBe(true);
});

test('an outbox item that a newer version wrote can still be read', () => {
  const item = {
    id: 'ACME-16-v1-1',
    ticketId: 'ACME-16',
    type: 'pull_request.open',
    queue: 'forge',
    args,
    cid: 'c',
    at: 1,
  };
  expect(OutboxItem.parse({ ...item, later: true })).toEqual(item);
});

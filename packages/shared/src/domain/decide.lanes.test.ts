import { expect, test } from 'vitest';
import { RECORD_MAX_BYTES } from './record-size.ts';
import { by, FIRST_SESSION, KEEP_MS, type Told } from './testing/fixtures.ts';
import { opened, World } from './testing/world.ts';
import { SUMMARY_MAX } from './ticket.ts';

const observed = (state: 'working' | 'asking'): Told => ({ type: 'session.observed', sessionId: FIRST_SESSION, state });

test('a lane has one open effect; the rest waits in its order with its delay, and the other lane is not held up', () => {
  const world = World.at('starting');
  world.signal();
  world.change({ type: 'person.update_approved', by });
  expect(world.openOf('session.start')).toHaveLength(1);
  expect(world.openOf('plane.comment')).toHaveLength(1);
  expect(world.ticket.lanes.session.map(({ type, delayMs }) => [type, delayMs])).toEqual([
    ['completion.collect', undefined],
    ['session.stop', KEEP_MS],
  ]);
  expect(opened(world.done('session.start'))).toEqual(['completion.collect']);
  expect(world.done('completion.collect').opens.map(({ delayMs }) => delayMs)).toEqual([KEEP_MS]);
});

test('effects are numbered in their commit, under the version that it makes', () => {
  const world = World.at('approved');
  const change = world.claim();
  const prefix = `ACME-16-v${world.loaded.version}-`;
  expect(new Set(change.opens.map(({ item }) => item.id)).size).toBe(2);
  for (const { item } of change.opens) {
    expect(item.id.startsWith(prefix)).toBe(true);
    expect(world.ticket.open[item.id]).toMatchObject({ type: item.type, since: world.now });
  }
});

test('an outcome of an effect that is not open changes nothing', () => {
  const world = World.at('active');
  const unknown = ['ACME-16-v1-1', 'ACME-16-v3-2', 'ACME-16-v999-1', 'ACME-17-v1-1'];
  for (const effectId of unknown.filter((id) => !world.ticket.open[id])) {
    expect(world.tell({ type: 'effect.done', effectId })).toMatchObject({ kind: 'ignore' });
    expect(world.tell({ type: 'effect.failed', effectId, code: 'X', detail: 'x' })).toMatchObject({ kind: 'ignore' });
    expect(world.tell({ type: 'timer.due', effectId })).toMatchObject({ kind: 'ignore' });
  }
});

test('a notification that was sent, or could not be, is closed and nothing else', () => {
  const sent = World.at('pending');
  expect(opened(sent.done('notify'))).toEqual([]);
  expect(sent.ticket).toMatchObject({ status: 'pending', open: {} });
  const lost = World.at('pending');
  lost.fail('notify');
  expect(lost.ticket).toMatchObject({ status: 'pending', open: {} });
});

test('a newer notification takes the place of one of its kind that is still open', () => {
  const world = World.at('waiting');
  const waiting = () => world.openOf('notify').filter(([, { args }]) => args.kind === 'waiting');
  const [[first] = []] = waiting();
  world.change(observed('working'));
  expect(world.change(observed('asking')).closes).toEqual([first]);
  expect(waiting()).toHaveLength(1);
});

test('an agent that asks three hundred times while nobody can be told does not fill its record', () => {
  const world = World.at('active');
  for (let i = 0; i < 300; i += 1) world.change(observed(i % 2 ? 'working' : 'asking'));
  expect(JSON.stringify(world.ticket).length).toBeLessThan(4_000);
});

test('with the longest summary the rest of the record is shortened, the summary never', () => {
  const longest = '語'.repeat(SUMMARY_MAX);
  const world = World.at('completed');
  const labels = Array.from({ length: 100 }, (_, i) => `${i}${'語'.repeat(200)}`);
  world.change({ type: 'person.rejected', by, text: longest });
  expect(world.ticket.feedback).toBe(longest);
  world.change({
    type: 'trigger.seen',
    workItem: { ...world.ticket.workItem, title: '\u0001'.repeat(1_000), labels },
    trigger: { type: 'new_ticket' },
    description: '',
  });
  world.signal(longest);
  expect(world.ticket.summary).toBe(longest);
  expect(world.ticket.feedback?.length).toBeLessThan(SUMMARY_MAX);
  expect(world.ticket.feedback?.endsWith('…')).toBe(true);
  expect(labels).toEqual(expect.arrayContaining(world.ticket.workItem.labels));
  expect(Buffer.byteLength(JSON.stringify(world.ticket))).toBeLessThanOrEqual(RECORD_MAX_BYTES);
});

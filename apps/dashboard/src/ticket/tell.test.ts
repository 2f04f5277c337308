import { TicketEvent } from '@pco/shared/domain';
import { expect, test } from 'vitest';
import { tell } from './tell.ts';

const told = (...events: unknown[]) =>
  tell(events.map((event, nth) => ({ id: `${nth}`, at: 1_000 * nth ** 2, event })));

test.each(TicketEvent.options.map(({ shape }) => shape.type.value))('%s has words of its own', (type) => {
  const effect = type === 'effect.done' || type === 'effect.failed' ? { effect: 'plane.comment' } : {};
  const [step] = told({ type, from: 'active', to: 'active', state: 'silent', ...effect });
  expect(step?.what).not.toContain('Something happened');
  expect(step?.what).not.toBe('');
});

test('who did what, what was said, where it led, and how long after', () => {
  const steps = told(
    { type: 'trigger.seen', trigger: { type: 'comment_added' }, from: null, to: 'pending', attempt: 1 },
    { type: 'person.rejected', by: 'ada', text: '<b>No</b>', from: 'completed', to: 'active', attempt: 2 },
    { type: 'effect.failed', effect: 'plane.state', detail: '403', from: 'updating', to: 'updating' },
  );
  expect(steps.map(({ what, said, to, tone, afterMs }) => [what, said, to, tone, afterMs])).toEqual([
    ['Somebody commented on the work item', undefined, 'pending', 'neutral', undefined],
    ['ada sent it back', '<b>No</b>', 'active', 'accent', 1_000],
    ['The state could not be set in Plane', '403', undefined, 'bad', 3_000],
  ]);
});

test('what nobody knows is told by its name, and what is no event at all breaks nothing', () => {
  expect(told({ type: 'moon.landed' }, null, 'x', { type: 7, result: 'no' }).map(({ what }) => what)).toEqual([
    'Something happened: moon.landed',
    ...['', '', ''].map((type) => `Something happened: ${type}`),
  ]);
});

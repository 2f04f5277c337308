import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createOutputQueue } from './output-queue.ts';

/** A screen that shows a piece when it is told to. */
function slowScreen() {
  const shown: string[] = [];
  let showNext: (() => void) | undefined;
  let drained = 0;
  const queue = createOutputQueue(
    (text, done) => {
      showNext = () => {
        shown.push(text);
        done();
      };
    },
    () => {
      drained++;
    },
  );
  const showAll = () => {
    for (let show = showNext; show; show = showNext) {
      showNext = undefined;
      show();
    }
  };
  return { queue, shown, showAll, drained: () => drained };
}

test('everything comes in order, in pieces, one at a time', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 50_000 }), { maxLength: 5 }), (texts) => {
      const { queue, shown, showAll } = slowScreen();
      for (const text of texts) queue.text(text);
      showAll();
      expect(shown.join('')).toBe(texts.join(''));
      expect(shown.every(({ length }) => length <= 16 * 1024)).toBe(true);
      expect(queue.waiting).toBe(0);
    }),
  );
});

test('a step is done between what came before it and what came after', () => {
  const { queue, shown, showAll } = slowScreen();
  const seen: string[][] = [];
  queue.text('a');
  queue.step(() => seen.push([...shown]));
  queue.text('b');
  showAll();
  expect(seen).toEqual([['a']]);
});

test('what was forgotten is not shown, but its steps are done, and what comes then is shown', () => {
  const { queue, shown, showAll, drained } = slowScreen();
  const steps: string[] = [];
  queue.text('begun');
  queue.text('forgotten');
  queue.step(() => steps.push('resized'));
  queue.forgetText();
  queue.text('new');
  showAll();
  expect(shown).toEqual(['begun', 'new']);
  expect(steps).toEqual(['resized']);
  expect([queue.waiting, drained()]).toEqual([0, 1]);
});

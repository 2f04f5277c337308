import { expect, test } from 'vitest';
import { choicesIn } from './choices-in.ts';

test.each([
  ['the agent asks: Which currency? (1 EUR, 2 USD)', ['1', '2']],
  ['the agent asks: Which one? (1 the first, as before, 2 another, 3 none)', ['1', '2', '3']],
  ['the agent asks a question', []],
  ['the agent asks: What is its name?', []],
])('%s', (question, digits) => {
  expect(choicesIn(question)).toEqual(digits);
});

import { afterAll, beforeAll, test } from 'vitest';
import { KILL_CASES } from './support/kill-cases.ts';
import { expectNothingLeft, surviveKill } from './support/kill-loop.ts';
import { type Stack, startStack } from './support/stack.ts';

// One stack for all cases. Each case takes one ticket the whole way, kills its victim at its moment, starts it again,
// and then counts: one session, one comment, one change of state.
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ gated: true });
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
});

const ROUNDS = Number(process.env.PCO_KILL_ROUNDS ?? 1);
const cases = KILL_CASES.flatMap((one) => Array.from({ length: ROUNDS }, () => one));

test.each(cases)('$victim killed $moment: one session, one comment, one state change', (kill) =>
  surviveKill(stack, kill),
);

test('nothing is left over: no lost effect, no dead letter, no foreign session', () => expectNothingLeft(stack));

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Result } from './stream.ts';
import { judgeResult } from './verdict.ts';

const GOOD = {
  type: 'result',
  subtype: 'success',
  is_error: false,
  terminal_reason: 'completed',
  stop_reason: 'end_turn',
  num_turns: 2,
  result: 'Wrote it.',
  permission_denials: [],
};
const denial = { tool_name: 'Bash', tool_use_id: 't1' };
const judge = (over: object = {}, circumstances: object = {}) =>
  judgeResult(Result.parse({ ...GOOD, ...over }), {
    refusedByPerson: new Set(),
    heardAll: true,
    goesOn: false,
    ...circumstances,
  });

test('the end of a turn that nothing hindered is the summary', () => {
  expect(judge()).toEqual({ kind: 'completed', summary: 'Wrote it.' });
  expect(judge({ permission_denials: [denial] }, { refusedByPerson: new Set(['t1']) }).kind).toBe('completed');
});

test.each<[string, object, object?]>([
  ['an API that refuses, which says success', { is_error: true, terminal_reason: 'api_error', result: 'API Error' }],
  ['an interrupt', { subtype: 'error_during_execution', is_error: true, terminal_reason: 'aborted_streaming' }],
  ['what a hook answered instead of the model', { num_turns: 0, result: 'Completion recorded.' }],
  ['a turn beyond which subagents work', {}, { goesOn: true }],
  ['a turn before which a message was not heard', {}, { heardAll: false }],
])('%s completes nothing, and other evidence tells of it', (_what, over, circumstances = {}) => {
  expect(judge(over, circumstances)).toEqual({ kind: 'nothing' });
});

test.each<[string, object, string]>([
  ['too many turns', { subtype: 'error_max_turns', is_error: true, terminal_reason: 'max_turns' }, 'max_turns'],
  [
    'too much money',
    { subtype: 'error_max_budget_usd', is_error: true, terminal_reason: null },
    'error_max_budget_usd',
  ],
  ['a refusal of the model', { stop_reason: 'refusal', result: 'I cannot.' }, 'refusal'],
  ['an answer that was cut', { stop_reason: 'max_tokens' }, 'max_tokens'],
  ['a tool that a rule forbids', { permission_denials: [denial] }, 'it was not allowed to use Bash'],
  ['no words', { result: ' \n' }, 'its result is empty'],
])('%s waits for a person, with the reason', (_what, over, error) => {
  expect(judge(over)).toMatchObject({ kind: 'waits', error });
});

test('nothing but a success with words, heard in full and ended by the model, ever completes', () => {
  const result = fc.record({
    subtype: fc.constantFrom('success', 'error_max_turns', 'error_during_execution', 'new'),
    is_error: fc.boolean(),
    stop_reason: fc.constantFrom('end_turn', 'refusal', 'max_tokens', 'tool_use', 'new'),
    num_turns: fc.nat(3),
    result: fc.constantFrom('', ' ', 'words'),
    permission_denials: fc.constantFrom([], [denial]),
  });
  fc.assert(
    fc.property(result, fc.boolean(), fc.boolean(), (over, heardAll, goesOn) => {
      if (judge(over, { heardAll, goesOn }).kind !== 'completed') return;
      expect(over).toMatchObject({ subtype: 'success', is_error: false, stop_reason: 'end_turn', result: 'words' });
      expect([over.permission_denials.length, heardAll, goesOn, over.num_turns > 0]).toEqual([0, true, false, true]);
    }),
  );
});

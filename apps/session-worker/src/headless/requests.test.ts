import { expect, test } from 'vitest';
import { answerRequest, askingLines, type OpenRequest, openRequest } from './requests.ts';
import { parseStreamLine, type Request } from './stream.ts';

const request = (tool_name: string, input: object): OpenRequest => {
  const line = { type: 'control_request', request_id: 'r1', request: { subtype: 'can_use_tool', tool_name, input } };
  const opened = openRequest(parseStreamLine(JSON.stringify(line)) as Request); // it is one by its type
  if (!opened) throw new Error('not opened');
  return opened;
};
const PERMISSION = request('Bash', { command: 'make all' });
const ask = (multiSelect: boolean, ...questions: string[]) =>
  request('AskUserQuestion', {
    questions: questions.map((question) => ({ question, multiSelect, options: [{ label: 'Red' }, { label: 'Blue' }] })),
  });

test.each([
  ['yes', { behavior: 'allow', updatedInput: { command: 'make all' } }],
  ['1', { behavior: 'allow', updatedInput: { command: 'make all' } }],
  ['no', { behavior: 'deny', message: 'A person refused this.' }],
  ['use ninja', { behavior: 'deny', message: 'A person refused this and says: use ninja' }],
])('a permission is answered with %s', (words, response) => {
  expect(answerRequest(PERMISSION, words)).toEqual({
    kind: 'answered',
    isRefusal: response.behavior === 'deny',
    response: { type: 'control_response', response: { subtype: 'success', request_id: 'r1', response } },
  });
});

test.each([
  [false, '2', 'Blue'],
  [false, 'neither', 'neither'],
  [false, '9', '9'],
  [true, '1, 2', 'Red, Blue'],
])('a question (several answers: %s) that is answered with %j means %j', (several, words, answer) => {
  const answered = answerRequest(ask(several, 'Which colour?'), words);
  expect(answered).toMatchObject({
    response: { response: { response: { behavior: 'allow', updatedInput: { answers: { 'Which colour?': answer } } } } },
  });
});

test('several questions are asked one after the other', () => {
  const first = ask(false, 'Inside?', 'Outside?');
  expect(askingLines(first)).toEqual(['Inside?', '  1. Red', '  2. Blue', expect.any(String)]);
  const second = answerRequest(first, '1');
  if (second.kind !== 'goes_on') throw new Error('all is answered');
  expect(askingLines(second.request)[0]).toBe('Outside?');
  expect(answerRequest(second.request, '2')).toMatchObject({
    response: { response: { response: { updatedInput: { answers: { 'Inside?': 'Red', 'Outside?': 'Blue' } } } } },
  });
});

test('what only a program could answer opens nothing', () => {
  const line = { type: 'control_request', request_id: 'r1', request: { subtype: 'mcp_message' } };
  expect(openRequest(parseStreamLine(JSON.stringify(line)) as Request)).toBeUndefined(); // it is one by its type
});

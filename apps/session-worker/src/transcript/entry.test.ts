import { plantedSecrets } from '@pco/shared/testing/planted-secrets';
import { expect, test } from 'vitest';
import { LINE_MAX_CHARS, toEntry } from './entry.ts';

const line = (type: 'user' | 'assistant', content: unknown, more: object = {}) =>
  JSON.stringify({ type, timestamp: '2026-01-02T03:04:05.678Z', message: { role: type, content, ...more } });
const usage = { input_tokens: 100, output_tokens: 20, cache_creation_input_tokens: 3, cache_read_input_tokens: 4 };

test('what is said, what is done and what came of it are told', () => {
  expect(toEntry(line('user', 'Fix it'), 1)).toEqual({
    line: 1,
    at: '2026-01-02T03:04:05.678Z',
    role: 'user',
    model: null,
    blocks: [{ kind: 'text', text: 'Fix it', cut: false }],
    tokens: null,
    cost_usd: null,
  });
  const call = { type: 'tool_use', id: 't1', name: 'Bash', input: { command: 'make' } };
  expect(toEntry(line('assistant', [{ type: 'text', text: 'I look.' }, call], { model: 'm', usage }), 2)).toMatchObject(
    {
      role: 'assistant',
      model: 'm',
      tokens: 127,
      blocks: [
        { kind: 'text', text: 'I look.' },
        { kind: 'tool_call', id: 't1', name: 'Bash', input: '{"command":"make"}' },
      ],
    },
  );
  const result = {
    type: 'tool_result',
    tool_use_id: 't1',
    is_error: true,
    content: [{ type: 'text', text: 'no rule' }],
  };
  expect(toEntry(line('user', [result]), 3)?.blocks).toEqual([
    { kind: 'tool_result', id: 't1', is_error: true, text: 'no rule', cut: false },
  ]);
  expect(toEntry('{"type":"cost-state","totalCostUSD":0.5}', 4)).toMatchObject({ role: 'cost', cost_usd: 0.5 });
});

test.each([
  ['an attachment', '{"type":"attachment","attachment":{}}'],
  ['what the program adds by itself', JSON.stringify({ type: 'user', isMeta: true, message: { content: 'x' } })],
  ['half a line', '{"type":"user","mess'],
  ['a block of a later version', line('assistant', [{ type: 'hologram' }])],
])('%s is no entry', (_what, text) => {
  expect(toEntry(text, 1)).toBeUndefined();
});

test('long texts are cut, and a line beyond all measure is only named', () => {
  const long = toEntry(line('user', [{ type: 'tool_result', tool_use_id: 't', content: 'x'.repeat(1_000_000) }]), 1);
  expect(long?.blocks[0]).toMatchObject({ cut: true });
  expect(JSON.stringify(long).length).toBeLessThan(20_000);
  expect(toEntry(line('user', 'x'.repeat(LINE_MAX_CHARS)), 7)).toMatchObject({ line: 7, role: 'too_long', blocks: [] });
});

test('no secret of a usual kind leaves the host, wherever it stands', () => {
  const seen = plantedSecrets(200).filter(({ printed, secret }) => {
    const texts = [
      line('user', printed),
      line('assistant', [
        { type: 'text', text: `Here: ${printed}` },
        { type: 'thinking', thinking: printed },
      ]),
      line('assistant', [{ type: 'tool_use', id: 't', name: 'Bash', input: { command: 'run', env: [printed] } }]),
      line('user', [{ type: 'tool_result', tool_use_id: 't', content: [{ type: 'text', text: `${printed}\n` }] }]),
    ];
    return texts.some((text, index) =>
      JSON.stringify(toEntry(text, index)).includes(JSON.stringify(secret).slice(1, -1)),
    );
  });
  expect(seen).toEqual([]);
});

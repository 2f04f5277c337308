import { describe, expect, test } from 'vitest';
import { EffectId, SessionId, Slug, sessionName, TicketId, WorkItemUuid } from './ids.ts';

const accepts = (schema: typeof TicketId, text: string): boolean => schema.safeParse(text).success;

describe('a ticket id', () => {
  test.each(['ACME-16', 'A-1', 'CSLOG-TEST', 'ABCDEFGHIJKL-999999999', 'X1-0'])('may be %s', (id) => {
    expect(accepts(TicketId, id)).toBe(true);
  });
  test.each([
    '',
    'acme-16',
    'ACME',
    'ACME-',
    '-16',
    '1ACME-1',
    'ACME-16-2',
    'ACME_16',
    'ACME-16 ',
    'ACME-16\n',
    '../A-1',
  ])('may not be %j', (id) => {
    expect(accepts(TicketId, id)).toBe(false);
  });
  test('is at most a key of 12 and a word of 16', () => {
    expect(accepts(TicketId, `${'A'.repeat(13)}-1`)).toBe(false);
    expect(accepts(TicketId, `ACME-${'A'.repeat(17)}`)).toBe(false);
  });
});

test('an effect id names its ticket, version and number', () => {
  for (const id of ['ACME-16-v3-1', 'CSLOG-TEST-v120-42']) expect(accepts(EffectId, id)).toBe(true);
  for (const id of ['ACME-16', 'ACME-16-3-1', 'ACME-16-v-1', 'acme-16-v3-1', 'ACME-16-v3-1:x', 'ACME-16-v3-1\n'])
    expect(accepts(EffectId, id)).toBe(false);
});

test('names hold nothing that tmux, a shell or a path could understand', () => {
  for (const schema of [SessionId, Slug, WorkItemUuid])
    for (const id of ['', 'a.b', 'a:b', 'a/b', 'a b', '$(a)', 'a\n', 'ä', 'a'.repeat(65)])
      expect(accepts(schema, id)).toBe(false);
  expect(accepts(Slug, 'runner-1')).toBe(true);
  for (const slug of ['Runner', '-runner', 'a'.repeat(33)]) expect(accepts(Slug, slug)).toBe(false);
});

test('the first session of a ticket carries its bare key, later ones a number', () => {
  expect([1, 2, 10].map((n) => sessionName('claude-', 'ACME-16', n))).toEqual([
    'claude-ACME-16',
    'claude-ACME-16-2',
    'claude-ACME-16-10',
  ]);
  expect(accepts(SessionId, sessionName('claude-', `${'A'.repeat(12)}-${'9'.repeat(16)}`, 9_999))).toBe(true);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanText } from './clean-text.ts';
import { RULES } from './decide.ts';
import { isObservation, TicketEvent } from './events.ts';
import { SUMMARY_MAX } from './ticket.ts';

const head = { id: 'signal-1', ticketId: 'ACME-16', cid: 'cid-1' };
const signal = (summary: string) =>
  TicketEvent.safeParse({
    ...head,
    type: 'completion.signalled',
    sessionId: 'claude-ACME-16',
    summary,
    channel: 'file',
  });

describe('text from terminals and browsers', () => {
  test('loses its control characters, but not its lines and tabs', () => {
    expect(cleanText('  a\u0000b\u001b[31m\tc\r\nd\re\u007f\u0085 ')).toBe('ab[31m\tc\nd\ne');
  });
  test('loses half characters', () => {
    expect(cleanText('a\ud800b')).toBe('a\ufffdb');
  });
  test('is clean after one cleaning, and never longer than it was', () => {
    const unit = fc.constantFrom('a', '語', ' ', '\t', '\n', '\r', '\u0000', '\u0085', '\ud83d', '\ude00');
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        const clean = cleanText(text);
        expect(cleanText(clean)).toBe(clean);
        expect(clean.isWellFormed()).toBe(true);
        expect(clean.length).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});

describe('a summary', () => {
  test('may not be blank, not even after cleaning', () => {
    for (const blank of ['', ' \n', '\u0000\u0007']) expect(signal(blank).success).toBe(false);
  });
  test('may be as long as a record can hold', () => {
    expect(signal('語'.repeat(SUMMARY_MAX)).success).toBe(true);
    expect(signal('a'.repeat(SUMMARY_MAX + 1)).success).toBe(false);
    expect(signal(` ${'a'.repeat(SUMMARY_MAX)} `).success).toBe(true);
  });
});

test('an event of an unknown type or with an unsafe ticket id does not parse', () => {
  expect(TicketEvent.safeParse({ ...head, type: 'person.promoted', by: 'ada' }).success).toBe(false);
  expect(TicketEvent.safeParse({ ...head, ticketId: '../ACME-16', type: 'person.approved', by: 'ada' }).success).toBe(
    false,
  );
});

test('an outcome without a result has an empty one, and unknown fields are dropped', () => {
  const done = { ...head, type: 'effect.done', effectId: 'ACME-16-v1-1' };
  expect(TicketEvent.parse({ ...done, extra: 1 })).toEqual({ ...done, result: {} });
});

test('what was seen by looking is an observation; what happened or was decided is a fact', () => {
  expect(
    Object.keys(RULES)
      .filter((type) => isObservation(type as keyof typeof RULES))
      .sort(),
  ).toEqual(['runner.back', 'runner.lost', 'session.ended', 'session.observed', 'work_item.changed']);
});

import { expect, test } from 'vitest';
import { fitRecord, RECORD_MAX_BYTES } from './record-size.ts';
import { World } from './testing/world.ts';
import { SUMMARY_MAX, Ticket } from './ticket.ts';

const WIDEST = '\u0001'; // six bytes in JSON
const parked = { code: 'JOB_FAILED', detail: WIDEST.repeat(4_000), at: 1 };

/** A record with the longest of everything. */
const longest = (): Ticket => ({
  ...structuredClone(World.at('completed').ticket),
  summary: '語'.repeat(SUMMARY_MAX),
  feedback: '語'.repeat(SUMMARY_MAX),
  reason: { code: 'JOB_FAILED', text: WIDEST.repeat(4_000) },
  observed: { state: 'silent', since: 1, detail: WIDEST.repeat(4_000), choices: Array(9).fill(WIDEST.repeat(200)) },
  result: { diff: WIDEST.repeat(2_000), commits: 2 },
  open: {
    'ACME-16-v9-1': { type: 'plane.comment', args: {}, since: 1, parked },
    'ACME-16-v9-2': { type: 'session.send', args: {}, since: 1, parked },
  },
});

test('a record that fits stays as it is', () => {
  const { ticket } = World.at('completed');
  const copy = structuredClone(ticket);
  fitRecord(copy);
  expect(copy).toEqual(ticket);
});

test('of a record that is too long each text but the summary is cut, until it fits', () => {
  const ticket = longest();
  fitRecord(ticket);
  expect(ticket.summary).toHaveLength(SUMMARY_MAX);
  expect(ticket.result?.commits).toBe(2);
  const texts = [ticket.reason?.text, ticket.observed?.detail, ticket.result?.diff, ticket.feedback];
  for (const text of [...texts, ...Object.values(ticket.open).map((effect) => effect.parked?.detail)]) {
    expect(text?.length).toBeLessThanOrEqual(500);
    expect(text?.endsWith('…')).toBe(true);
  }
  expect(Buffer.byteLength(JSON.stringify(ticket))).toBeLessThanOrEqual(RECORD_MAX_BYTES);
  expect(Ticket.parse(ticket)).toEqual(ticket);
});

test('a cut does not leave half a character', () => {
  const ticket = { ...longest(), reason: { code: 'JOB_FAILED', text: '😀'.repeat(2_000) } };
  fitRecord(ticket);
  expect(ticket.reason.text.isWellFormed()).toBe(true);
});

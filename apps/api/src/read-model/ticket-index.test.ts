import { STATUSES } from '@pco/shared/domain';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cursorOf, placeOf } from './cursor.ts';
import { createTicketIndex, type PageQuery } from './ticket-index.ts';
import type { IndexedTicket } from './ticket-row.ts';

const Entry = fc.record({
  id: fc.integer({ min: 1, max: 30 }).map((number) => `ACME-${number}`),
  version: fc.nat(),
  begunAt: fc.integer({ min: 1, max: 12 }),
  status: fc.constantFrom(...STATUSES.slice(0, 4)),
  statusSince: fc.nat(50),
  project: fc.constantFrom('ACME', 'OPS'),
  projectId: fc.constantFrom('p1', 'p2'),
  isPendingAgain: fc.boolean(),
  kind: fc.constant(undefined),
  urgency: fc.nat(4),
  text: fc.constantFrom('login fails', 'login slow', 'nothing'),
  json: fc.constant('{}'),
}) satisfies fc.Arbitrary<IndexedTicket>;
const Step = fc.oneof(
  Entry,
  Entry,
  Entry.map(({ id }) => id),
);
const Query = fc.record({
  statuses: fc.option(fc.subarray(STATUSES.slice(0, 4)), { nil: undefined }),
  projects: fc.option(fc.subarray(['ACME', 'p2', 'gone']), { nil: undefined }),
  words: fc.subarray(['login', 'slow']),
  limit: fc.integer({ min: 1, max: 5 }),
});

/** What a list is, without any order kept. */
const plainly = (tickets: IndexedTicket[], { statuses, projects, words = [] }: PageQuery): string[] =>
  tickets
    .filter(({ status }) => !statuses || statuses.includes(status))
    .filter(({ project, projectId }) => !projects || projects.includes(project) || projects.includes(projectId))
    .filter(({ text }) => words.every((word) => text.includes(word)))
    .sort((a, b) => b.begunAt - a.begunAt || (a.id < b.id ? 1 : -1))
    .map(({ id }) => id);

test('pages of any query, one after the other, are what filtering and sorting everything gives', () => {
  const runs = fc.property(fc.array(Step, { maxLength: 60 }), Query, (steps, query) => {
    const index = createTicketIndex(4); // so that there are chunks
    const kept = new Map<string, IndexedTicket>();
    for (const step of steps) {
      if (typeof step === 'string') {
        index.remove(step);
        kept.delete(step);
      } else {
        index.put(step);
        kept.set(step.id, step);
      }
    }
    const seen: string[] = [];
    let after: PageQuery['after'];
    for (let more = true; more; ) {
      const { tickets, isFull } = index.page({ ...query, after });
      seen.push(...tickets.map(({ id }) => id));
      const last = tickets.at(-1);
      more = isFull;
      after = last && placeOf(cursorOf(last));
    }
    expect(seen).toEqual(plainly([...kept.values()], query));
    expect(index.size()).toBe(kept.size);
    for (const status of STATUSES)
      expect(new Set(index.inStatus(status))).toEqual(
        new Set([...kept.values()].filter((one) => one.status === status)),
      );
  });
  fc.assert(runs, { numRuns: 200 * Number(process.env.PCO_SOAK_FACTOR ?? 1) });
});

test('the revision of a status moves with every change in it, and with no other', () => {
  const index = createTicketIndex();
  const ticket = { id: 'ACME-1', version: 1, begunAt: 1, statusSince: 1, project: 'ACME', projectId: 'p' };
  const entry = { ...ticket, isPendingAgain: false, kind: undefined, urgency: 0, text: '', json: '{}' };
  const revisions = () => (['pending', 'approved', 'done'] as const).map((status) => index.revision(status));
  const [start] = [revisions()];
  index.put({ ...entry, status: 'pending' });
  const pending = revisions();
  index.put({ ...entry, status: 'approved' });
  const approved = revisions();
  expect(pending[0]).not.toBe(start?.[0]);
  expect(approved[0]).not.toBe(pending[0]);
  expect(approved[1]).not.toBe(pending[1]);
  expect(approved[2]).toBe(start?.[2]);
});

test('what is no cursor is refused', () => {
  for (const cursor of ['', 'abc', Buffer.from('5').toString('base64url'), Buffer.from('5.x').toString('base64url')])
    expect(() => placeOf(cursor)).toThrowError(expect.objectContaining({ code: 'PAYLOAD_INVALID' }));
});

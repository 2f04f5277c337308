import { type TicketList, TicketRow } from '@pco/shared/contracts/http';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { filterOf, queryOf, toggled } from './filter.ts';
import { createMerge, type Loaded } from './merge.ts';

const row = (nr: number, given: Partial<TicketRow> = {}): TicketRow =>
  TicketRow.parse({
    id: `A-${nr}`,
    version: 1,
    uuid: 'u',
    project: 'A',
    project_id: 'p',
    title: 't',
    status: 'pending',
    status_since: '2026-05-04T12:00:00.000Z',
    priority: 'none',
    labels: [],
    trigger_type: 'new_ticket',
    attempt: 1,
    runner: null,
    session_id: null,
    error: null,
    error_code: null,
    waiting_for: null,
    created_at: '2026-05-04T12:00:00.000Z',
    begun_at: `2026-05-04T12:00:0${nr}.000Z`,
    updated_at: '2026-05-04T12:00:00.000Z',
    completed_at: null,
    ...given,
  });
const page = (next_cursor: string | null, ...tickets: TicketRow[]) => ({ tickets, next_cursor });
const ids = (rows: readonly TicketRow[]) => rows.map(({ id, version }) => `${id} ${version}`);

test('what is in view is as it is now: new tickets at the top, changed ones changed, those that left the list gone', () => {
  const pages = [page('c', row(6), row(5), row(4)), page(null, row(3), row(2), row(1))];
  const top = page('d', row(7), row(6), row(5, { version: 2 }));
  expect(ids(createMerge()(pages, [{ after: undefined, page: top }]))).toEqual([
    ...['A-7 1', 'A-6 1', 'A-5 2', 'A-4 1'],
    ...['A-3 1', 'A-2 1', 'A-1 1'],
  ]);
  const end = page(null, row(3), row(1));
  expect(ids(createMerge()(pages, [{ after: row(4), page: end }]))).toEqual([
    'A-6 1',
    'A-5 1',
    'A-4 1',
    'A-3 1',
    'A-1 1',
  ]);
});

test('a ticket that begins a new round is listed once, at the top', () => {
  const pages = [page('c', row(3), row(2)), page(null, row(1))];
  const again = row(1, { version: 5, begun_at: '2026-05-04T13:00:00.000Z' });
  expect(ids(createMerge()(pages, [{ after: undefined, page: page('c', again, row(3)) }]))).toEqual([
    'A-1 5',
    'A-3 1',
    'A-2 1',
  ]);
});

/** The same, said as simply as it can be: every row is gone through. */
function mergeSimply(pages: readonly TicketList[], fresh: readonly Loaded[]): TicketRow[] {
  const isAfter = (a: TicketRow, b: TicketRow) => a.begun_at < b.begun_at || (a.begun_at === b.begun_at && a.id < b.id);
  const covers = ({ after, page: { tickets, next_cursor } }: Loaded, one: TicketRow) => {
    const last = next_cursor === null ? undefined : tickets.at(-1);
    return (!after || isAfter(one, after)) && (!last || !isAfter(one, last));
  };
  const rows = new Map<string, TicketRow>();
  const loaded = new Map<string, TicketRow>();
  const newest = (to: Map<string, TicketRow>, one: TicketRow) => {
    if ((to.get(one.id)?.version ?? 0) < one.version) to.set(one.id, one);
  };
  for (const one of pages.flatMap(({ tickets }) => tickets)) newest(loaded, one);
  for (const one of loaded.values()) if (!fresh.some((part) => covers(part, one))) newest(rows, one);
  for (const one of fresh.flatMap((part) => part.page.tickets)) newest(rows, one);
  return [...rows.values()].sort((a, b) => (isAfter(a, b) ? 1 : -1));
}

const tickets = fc
  .uniqueArray(fc.record({ nr: fc.integer({ min: 1, max: 9 }), version: fc.integer({ min: 1, max: 3 }) }), {
    selector: ({ nr }) => nr,
    maxLength: 6,
  })
  .map((given) =>
    given
      .map(({ nr, version }) => row(nr, { version, begun_at: `2026-05-04T12:00:0${(nr * version) % 10}.000Z` }))
      .sort((a, b) => (a.begun_at < b.begun_at || (a.begun_at === b.begun_at && a.id < b.id) ? 1 : -1)),
  );
const pageOf = fc.record({ tickets, next_cursor: fc.constantFrom('c', null) });

test('pages that come one by one, whatever is in them, make the list that they make together', () => {
  const steps = fc.array(
    fc.tuple(pageOf, fc.array(fc.record({ after: fc.option(tickets, { nil: undefined }), page: pageOf }))),
    {
      maxLength: 4,
    },
  );
  fc.assert(
    fc.property(steps, (given) => {
      const merge = createMerge();
      const pages: TicketList[] = [];
      for (const [next, loaded] of given) {
        pages.push(next);
        const fresh = loaded.map(({ after, page: part }) => ({ after: after?.at(-1), page: part }));
        expect(ids(merge([...pages], fresh))).toEqual(ids(mergeSimply(pages, fresh)));
      }
    }),
  );
});

test('a filter stands in the address and comes back from it; what is none is left out', () => {
  const filter = { statuses: ['failed', 'pending'], project: 'ACME', text: 'half cents' } as const;
  expect(filterOf(new URLSearchParams(queryOf(filter)))).toEqual(filter);
  expect(queryOf(filterOf(new URLSearchParams('status=nonsense&text=%20')))).toEqual({});
  expect(toggled(['failed'], 'failed')).toEqual([]);
});

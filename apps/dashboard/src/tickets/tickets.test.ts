import { TicketRow } from '@pco/shared/contracts/http';
import { expect, test } from 'vitest';
import { filterOf, queryOf, toggled } from './filter.ts';
import { merge } from './merge.ts';

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
  expect(ids(merge(pages, [{ after: undefined, page: top }]))).toEqual([
    ...['A-7 1', 'A-6 1', 'A-5 2', 'A-4 1'],
    ...['A-3 1', 'A-2 1', 'A-1 1'],
  ]);
  const end = page(null, row(3), row(1));
  expect(ids(merge(pages, [{ after: row(4), page: end }]))).toEqual(['A-6 1', 'A-5 1', 'A-4 1', 'A-3 1', 'A-1 1']);
});

test('a ticket that begins a new round is listed once, at the top', () => {
  const pages = [page('c', row(3), row(2)), page(null, row(1))];
  const again = row(1, { version: 5, begun_at: '2026-05-04T13:00:00.000Z' });
  expect(ids(merge(pages, [{ after: undefined, page: page('c', again, row(3)) }]))).toEqual([
    'A-1 5',
    'A-3 1',
    'A-2 1',
  ]);
});

test('a filter stands in the address and comes back from it; what is none is left out', () => {
  const filter = { statuses: ['failed', 'pending'], project: 'ACME', text: 'half cents' } as const;
  expect(filterOf(new URLSearchParams(queryOf(filter)))).toEqual(filter);
  expect(queryOf(filterOf(new URLSearchParams('status=nonsense&text=%20')))).toEqual({});
  expect(toggled(['failed'], 'failed')).toEqual([]);
});

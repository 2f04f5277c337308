import { type Inbox, KINDS, type Kind, TicketView } from '@pco/shared/contracts/http';
import { iso } from '@pco/shared/time';
import { type InboxPlace, inboxCursor } from './inbox-cursor.ts';
import type { Lists } from './lists.ts';
import type { Surroundings } from './surroundings.ts';
import type { TicketIndex } from './ticket-index.ts';
import type { IndexedTicket } from './ticket-row.ts';

export interface InboxQuery {
  /** In lower case. */
  readonly words: readonly string[];
  readonly after: InboxPlace | undefined;
  readonly limit: number;
}

interface Entry {
  readonly kind: Kind;
  readonly ticket: IndexedTicket;
}

const LATEST = 20;

/** What needs a person, ranked once for all who ask between two changes. @returns a page as JSON */
export function createInbox(around: () => Promise<Surroundings>, lists: Lists): (query: InboxQuery) => Promise<string> {
  let kept: { index: TicketIndex; changes: number; ranked: readonly Entry[] } | undefined;

  const rankedOf = (index: TicketIndex): readonly Entry[] => {
    const changes = index.changes();
    if (kept?.index !== index || kept.changes !== changes) kept = { index, changes, ranked: rank(known(index)) };
    return kept.ranked;
  };

  /** Whether one waits for Plane changes without the ticket, so those are asked about each time. */
  const waiting = async (index: TicketIndex): Promise<Entry[]> => {
    const open = index.inStatus('updating').filter(({ kind }) => kind === undefined);
    if (open.length === 0) return [];
    const rows = (await lists.of(open)).map((json) => TicketView.parse(JSON.parse(json)));
    const held = new Set(rows.filter((row) => row.write_back_waits_for !== null).map(({ id }) => id));
    return open.filter(({ id }) => held.has(id)).map((ticket) => ({ kind: 'blocked', ticket }));
  };

  return async ({ words, after, limit }) => {
    const { index } = await around();
    const held = await waiting(index);
    const all = held.length === 0 ? rankedOf(index) : rank([...rankedOf(index), ...held]);
    const found =
      words.length === 0 ? all : all.filter(({ ticket: { text } }) => words.every((word) => text.includes(word)));
    const from = after === undefined ? 0 : found.findIndex((entry) => compare(placeOf(entry), after) > 0);
    const page = from < 0 ? [] : found.slice(from, from + limit);
    const last = page.at(-1);
    const isWhole = from < 0 || from + limit >= found.length;
    const rest = JSON.stringify({
      next_cursor: isWhole || !last ? null : inboxCursor(placeOf(last)),
      counts: countsOf(found),
      pending: all.filter(({ kind, ticket }) => kind === 'approve' || ticket.isPendingAgain).length,
      completed:
        all.filter(({ ticket: { status } }) => status === 'completed').length + index.inStatus('updating').length,
      latest: latestOf(found),
    } satisfies Omit<Inbox, 'tickets'>);
    const tickets = await lists.of(page.map(({ ticket }) => ticket));
    return `{"tickets":[${tickets.join(',')}],${rest.slice(1)}`;
  };
}

const known = (index: TicketIndex): Entry[] =>
  index.all().flatMap((ticket) => (ticket.kind ? [{ kind: ticket.kind, ticket }] : []));

const placeOf = ({ kind, ticket: { urgency, statusSince, id } }: Entry): InboxPlace => ({
  kind: KINDS.indexOf(kind),
  urgency,
  since: statusSince,
  id,
});

const compare = (a: InboxPlace, b: InboxPlace): number =>
  a.kind - b.kind || a.urgency - b.urgency || a.since - b.since || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

const rank = (entries: readonly Entry[]): Entry[] =>
  entries
    .map((entry) => ({ entry, place: placeOf(entry) }))
    .sort((a, b) => compare(a.place, b.place))
    .map(({ entry }) => entry);

function countsOf(entries: readonly Entry[]): Inbox['counts'] {
  const counts = { asks: 0, approve: 0, update: 0, failed: 0, blocked: 0 };
  for (const { kind } of entries) counts[kind] += 1;
  return counts;
}

const latestOf = (entries: readonly Entry[]): Inbox['latest'] =>
  entries
    .toSorted((a, b) => b.ticket.statusSince - a.ticket.statusSince)
    .slice(0, LATEST)
    .map(({ kind, ticket }) => ({
      id: ticket.id,
      kind,
      title: String(JSON.parse(ticket.json).title),
      status_since: iso(ticket.statusSince),
    }));

import type { Inbox } from '@pco/shared/contracts/http/inbox';
import { KINDS, type Kind } from '@pco/shared/contracts/http/kinds';
import type { Card } from '../actions/kind.ts';

/** A line of the list: the heading of a kind with how many there are, loaded or not, or one card of it. */
export type Row = { readonly kind: Kind; readonly count: number } | { readonly card: Card };

export const rowsOf = (cards: readonly Card[], counts: Inbox['counts']): readonly Row[] =>
  KINDS.flatMap((kind): Row[] => {
    const own = cards.filter((card) => card.kind === kind);
    return own.length === 0 ? [] : [{ kind, count: counts[kind] }, ...own.map((card) => ({ card }))];
  });

export const idOf = (row: Row | undefined): string | undefined =>
  row && 'card' in row ? row.card.ticket.id : undefined;

/** Where the card of a ticket is; -1 where it is not. */
export const indexOf = (rows: readonly Row[], ticketId: string | undefined): number =>
  ticketId === undefined ? -1 : rows.findIndex((row) => idOf(row) === ticketId);

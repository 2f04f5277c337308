import { type Card, KINDS, type Kind } from '../actions/kind.ts';

/** A line of the list: the heading of a kind with how many there are, or one card of it. */
export type Row = { readonly kind: Kind; readonly count: number } | { readonly card: Card };

export const rowsOf = (cards: readonly Card[]): readonly Row[] =>
  KINDS.flatMap((kind): Row[] => {
    const own = cards.filter((card) => card.kind === kind);
    return own.length === 0 ? [] : [{ kind, count: own.length }, ...own.map((card) => ({ card }))];
  });

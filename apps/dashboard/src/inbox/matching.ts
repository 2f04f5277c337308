import type { Card } from '../actions/kind.ts';

/** Every word must occur in what a card shows of its ticket. */
export function matching(cards: readonly Card[], given: string): readonly Card[] {
  const words = given.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return cards;
  return cards.filter(({ ticket: { id, title, priority, branch, summary } }) => {
    const shown = [id, title, priority, branch, summary].join('\n').toLowerCase();
    return words.every((word) => shown.includes(word));
  });
}

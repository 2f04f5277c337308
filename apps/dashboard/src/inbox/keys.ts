import { undoHeld } from '../actions/hold.ts';

interface Keyed {
  readonly list: HTMLElement | null;
  readonly filter: HTMLElement | null;
  openTicket(id: string): void;
  openHelp(): void;
}

/** Presses the button of the card in focus that says so. */
const PRESSES: ReadonlySet<string> = new Set(['a', 'r', 'e', ...'123456789']);

/** Keys of the inbox, as `Help` lists them; not while somebody writes or is asked. */
export function keyPressed(event: KeyboardEvent, keyed: Keyed): void {
  const { target, key, ctrlKey, metaKey, altKey, repeat } = event;
  if (ctrlKey || metaKey || altKey || document.querySelector('[role=dialog]')) return;
  if (target instanceof Element && target.closest('input, textarea, select')) return;
  const cards = [...(keyed.list?.querySelectorAll<HTMLElement>('[data-card]') ?? [])];
  const card = cards.find((one) => one.contains(document.activeElement));
  if (key === 'j' || key === 'k') step(cards, card, key === 'j' ? 1 : -1);
  else if (key === '/') keyed.filter?.focus();
  else if (key === '?') keyed.openHelp();
  else if (key === 'u') undoHeld();
  else if (card && key === 'Enter' && target === card) keyed.openTicket(card.dataset.card ?? '');
  else if (card && PRESSES.has(key) && !repeat) card.querySelector<HTMLElement>(`[data-key="${key}"]`)?.click();
  else return;
  event.preventDefault();
}

/** From the one in focus, or to the first that is seen. */
function step(cards: readonly HTMLElement[], from: HTMLElement | undefined, by: number): void {
  const to = from ? cards[cards.indexOf(from) + by] : cards.find((one) => one.getBoundingClientRect().bottom > 0);
  to?.focus();
  to?.scrollIntoView({ block: 'nearest' });
}

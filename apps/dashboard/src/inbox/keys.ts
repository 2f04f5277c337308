const ACTIONS: Readonly<Record<string, string>> = { a: '[data-key=a]', r: '[data-key=r]' };

/** j and k go from card to card, a and r press the buttons of the one in focus; not while somebody writes or is asked. */
export function keyPressed(event: KeyboardEvent, list: HTMLElement): void {
  const { target, key, ctrlKey, metaKey, altKey } = event;
  if (ctrlKey || metaKey || altKey || document.querySelector('[role=dialog]')) return;
  if (target instanceof Element && target.closest('input, textarea, select')) return;
  const cards = [...list.querySelectorAll<HTMLElement>('[data-card]')];
  const at = cards.findIndex((card) => card.contains(document.activeElement));
  if (key === 'j') cards[Math.min(at + 1, cards.length - 1)]?.focus();
  else if (key === 'k') cards[Math.max(at - 1, 0)]?.focus();
  else if (at >= 0 && ACTIONS[key] && !event.repeat) cards[at]?.querySelector<HTMLElement>(ACTIONS[key])?.click();
  else return;
  event.preventDefault();
}

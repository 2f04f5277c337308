/** B-204. */
export const FONT = { smallest: 12, largest: 22, step: 2, usual: 16 } as const;
const KEY = 'terminal.font';

export function readFont(): number {
  const kept = Number(localStorage.getItem(KEY));
  return kept >= FONT.smallest && kept <= FONT.largest ? kept : FONT.usual;
}

export const keepFont = (size: number): void => localStorage.setItem(KEY, String(size));

/** Small pictures of all, or so many side by side. */
export const LAYOUTS = ['wall', '1', '2', '4'] as const;
export type Layout = (typeof LAYOUTS)[number];
const LAYOUT_KEY = 'terminal.layout';

export function readLayout(): Layout {
  const kept = localStorage.getItem(LAYOUT_KEY);
  return LAYOUTS.find((one) => one === kept) ?? 'wall';
}

export const keepLayout = (layout: Layout): void => localStorage.setItem(LAYOUT_KEY, layout);

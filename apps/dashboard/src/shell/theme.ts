import { useState } from 'react';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'theme';
export const isTheme = (given: string | null): given is Theme => THEMES.some((one) => one === given);

function apply(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

const kept = localStorage.getItem(KEY);
const initial = isTheme(kept) ? kept : 'system';
apply(initial); // before the first picture

/** The theme that this browser keeps, and the way to change it. */
export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(initial);
  const change = (chosen: Theme) => {
    setTheme(chosen);
    apply(chosen);
    localStorage.setItem(KEY, chosen);
  };
  return [theme, change];
}

import { useState } from 'react';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'theme';
export const isTheme = (given: string | null): given is Theme => THEMES.some((one) => one === given);

function apply(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** A browser that may keep nothing throws. */
function keptTheme(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return isTheme(kept) ? kept : 'system';
  } catch {
    return 'system';
  }
}

let current = keptTheme();
apply(current); // before the first picture

/** The theme that this browser keeps, and the way to change it. */
export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(current);
  const change = (chosen: Theme) => {
    current = chosen;
    setTheme(chosen);
    apply(chosen);
    localStorage.setItem(KEY, chosen);
  };
  return [theme, change];
}

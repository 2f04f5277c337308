import { useState } from 'react';
import { text } from '../text/index.ts';

const THEMES = ['system', 'light', 'dark'] as const;
const KEY = 'theme';
const isTheme = (given: string | null): given is (typeof THEMES)[number] => THEMES.some((one) => one === given);

function apply(theme: (typeof THEMES)[number]): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

const kept = localStorage.getItem(KEY);
const initial = isTheme(kept) ? kept : 'system';
apply(initial); // before the first picture

export function ThemeSwitch() {
  const [theme, setTheme] = useState(initial);
  return (
    <select
      className="min-h-9 rounded-md border border-line bg-surface px-2 text-sm touch:min-h-11"
      aria-label={text.theme.label}
      value={theme}
      onChange={({ target: { value } }) => {
        if (!isTheme(value)) return;
        setTheme(value);
        apply(value);
        localStorage.setItem(KEY, value);
      }}
    >
      {THEMES.map((one) => (
        <option key={one} value={one}>
          {text.theme[one]}
        </option>
      ))}
    </select>
  );
}

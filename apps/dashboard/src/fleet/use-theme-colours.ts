import { useEffect, useState } from 'react';

const NAMES = ['accent', 'good', 'warn', 'bad', 'quiet', 'line'] as const;
export type Colour = (typeof NAMES)[number];
export type Colours = Readonly<Record<Colour, string>>;

/** The colours of the theme as a canvas takes them: anew when the theme changes. */
export function useThemeColours(): Colours {
  const [colours, setColours] = useState(readColours);
  useEffect(() => {
    const read = () => setColours(readColours());
    const system = matchMedia('(prefers-color-scheme: dark)');
    system.addEventListener('change', read);
    const chosen = new MutationObserver(read);
    chosen.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      system.removeEventListener('change', read);
      chosen.disconnect();
    };
  }, []);
  return colours;
}

/** `light-dark()` is worked out for an element only, not within a variable. */
function readColours(): Colours {
  const probe = document.createElement('span');
  document.body.append(probe);
  const read = (name: Colour): [Colour, string] => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color];
  };
  const found = Object.fromEntries(NAMES.map(read)) as Colours; // of all names
  probe.remove();
  return found;
}

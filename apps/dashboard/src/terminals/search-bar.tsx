import type { ISearchOptions } from '@xterm/addon-search';
import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { FIELD } from '../parts/field.ts';
import { text } from '../text/index.ts';
import type { Screen } from './screen.ts';

const OPTIONS: ISearchOptions = {
  decorations: {
    matchBackground: '#5a4a00',
    matchOverviewRuler: '#f2b45c',
    activeMatchBackground: '#b36b00',
    activeMatchColorOverviewRuler: '#ffd08a',
  },
};

/** Finds text on the screen and above it; Enter goes back in time, as the newest stands at the bottom. */
export function SearchBar({ screen, onClose }: { readonly screen: Screen; readonly onClose: () => void }) {
  const [wanted, setWanted] = useState('');
  const [found, setFound] = useState<{ index: number; count: number }>();
  useEffect(() => {
    const { search } = screen;
    const listening = search.onDidChangeResults(({ resultIndex, resultCount }) =>
      setFound({ index: resultIndex + 1, count: resultCount }),
    );
    return () => {
      listening.dispose();
      search.clearDecorations();
    };
  }, [screen]);
  const back = () => screen.search.findPrevious(wanted, OPTIONS);
  const on = () => screen.search.findNext(wanted, OPTIONS);
  const words = text.terminals;
  return (
    <search>
      <form
        className="flex items-center gap-1 border-b border-line px-3 py-1.5"
        onSubmit={(event) => {
          event.preventDefault();
          back();
        }}
        onKeyDown={({ key }) => {
          if (key === 'Escape') onClose();
        }}
      >
        <input
          className={`${FIELD} max-w-80`}
          aria-label={words.searchLabel}
          // biome-ignore lint/a11y/noAutofocus: it was asked for just now
          autoFocus
          value={wanted}
          onChange={({ target: { value } }) => {
            setWanted(value);
            if (value === '') screen.search.clearDecorations();
            else screen.search.findPrevious(value, { ...OPTIONS, incremental: true });
          }}
        />
        <Button look="quiet" square type="submit" aria-label={words.searchPrevious} title={words.searchPrevious}>
          <ChevronUp size={16} aria-hidden />
        </Button>
        <Button look="quiet" square aria-label={words.searchNext} title={words.searchNext} onClick={on}>
          <ChevronDown size={16} aria-hidden />
        </Button>
        <span className="min-w-0 flex-1 truncate text-xs text-quiet" role="status">
          {wanted === '' || !found
            ? ''
            : found.count === 0
              ? words.searchNone
              : words.searchCount(Math.max(found.index, 1), found.count)}
        </span>
        <Button look="quiet" square aria-label={text.close} onClick={onClose}>
          <X size={16} aria-hidden />
        </Button>
      </form>
    </search>
  );
}

import type { Terminal } from '@xterm/xterm';
import { copySelection } from './copy.ts';

interface Wishes {
  search(): void;
  /** The way out of a terminal that takes every key. */
  leave(): void;
  /** Somebody types who only looks. */
  refused(): void;
}

const SCROLLS: Readonly<Record<string, (term: Terminal) => void>> = {
  ArrowUp: (term) => term.scrollLines(-1),
  ArrowDown: (term) => term.scrollLines(1),
  PageUp: (term) => term.scrollPages(-1),
  PageDown: (term) => term.scrollPages(1),
  Home: (term) => term.scrollToTop(),
  End: (term) => term.scrollToBottom(),
};

/** Keys that are ours and not the session's: who types gives all but a few to it; for who looks they move the view. */
export function handleKeys(term: Terminal, { search, leave, refused }: Wishes): () => void {
  const isOurs = (event: KeyboardEvent): boolean => {
    const { key, ctrlKey, metaKey, shiftKey } = event;
    const isCommand = ctrlKey || metaKey;
    if (isCommand && key.toLowerCase() === 'f') search();
    else if (key === 'Escape' && shiftKey) leave();
    else if (isCommand && key.toLowerCase() === 'c' && (shiftKey || metaKey)) copySelection(term);
    else return false;
    return true;
  };
  const look = (event: KeyboardEvent): boolean => {
    const { key, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey && key === 'c') copySelection(term);
    else if (SCROLLS[key]) SCROLLS[key](term);
    else {
      if (key.length === 1 && !ctrlKey && !metaKey && !altKey) refused();
      return false;
    }
    return true;
  };
  term.attachCustomKeyEventHandler((event) => {
    if (event.type !== 'keydown') return !term.options.disableStdin;
    const isDone = isOurs(event) || (term.options.disableStdin === true && look(event));
    if (isDone) event.preventDefault();
    return !isDone && !term.options.disableStdin;
  });
  return () => term.attachCustomKeyEventHandler(() => true);
}

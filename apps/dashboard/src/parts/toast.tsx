import { X } from 'lucide-react';
import { Toast as Radix } from 'radix-ui';
import { useSyncExternalStore } from 'react';
import { text } from '../text/index.ts';
import { Button } from './button.tsx';

const SHOWN_MS = 6_000;
const MOST = 4; // older ones go: they are read or will not be

interface Given {
  readonly title: string;
  readonly tone?: 'plain' | 'bad';
  readonly action?: { readonly label: string; onPress(): void };
  /** Infinity: until whoever showed it takes it away. */
  readonly durationMs?: number;
}
interface Shown extends Given {
  readonly id: number;
}

let shown: readonly Shown[] = [];
let last = 0;
const listeners = new Set<() => void>();

function put(next: readonly Shown[]): void {
  shown = next;
  for (const tell of listeners) tell();
}
const take = (id: number): void => put(shown.filter((one) => one.id !== id));

/** A word in the corner of every page, for what no other place says. @returns what takes it away again */
export function showToast(given: Given): () => void {
  last += 1;
  const id = last;
  put([...shown.slice(1 - MOST), { ...given, id }]);
  return () => take(id);
}

const listen = (tell: () => void): (() => void) => {
  listeners.add(tell);
  return () => listeners.delete(tell);
};

/** Above the navigation of a phone, which stands at the bottom too. */
export function Toasts() {
  const all = useSyncExternalStore(listen, () => shown);
  return (
    <Radix.Provider label={text.notice} swipeDirection="right">
      {all.map(({ id, title, tone, action, durationMs = SHOWN_MS }) => (
        <Radix.Root
          key={id}
          duration={durationMs}
          onOpenChange={(open) => (open ? undefined : take(id))}
          className="flex min-h-11 items-center gap-3 rounded-lg border border-line bg-surface py-1.5 pr-1.5 pl-4 text-sm text-ink shadow-lg"
        >
          <Radix.Title className={`min-w-0 flex-1 wrap-anywhere ${tone === 'bad' ? 'text-bad' : ''}`} dir="auto">
            {title}
          </Radix.Title>
          {action ? (
            <Radix.Action altText={action.label} asChild>
              <Button onClick={action.onPress}>{action.label}</Button>
            </Radix.Action>
          ) : null}
          <Radix.Close asChild>
            <Button look="quiet" square aria-label={text.dismiss}>
              <X size={16} aria-hidden />
            </Button>
          </Radix.Close>
        </Radix.Root>
      ))}
      <Radix.Viewport className="fixed right-0 bottom-0 z-60 grid w-full max-w-md gap-2 p-4 outline-none max-md:bottom-16" />
    </Radix.Provider>
  );
}

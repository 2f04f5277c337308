import { X } from 'lucide-react';
import { Toast as Radix } from 'radix-ui';
import { text } from '../text/index.ts';
import { Button } from './button.tsx';
import { takeToast, useShown } from './toast.ts';

const SHOWN_MS = 6_000;

/** Above the navigation of a phone, which stands at the bottom too. */
export function Toasts() {
  const all = useShown();
  return (
    <Radix.Provider label={text.notice} swipeDirection="right">
      {all.map(({ id, title, tone, action, durationMs = SHOWN_MS }) => (
        <Radix.Root
          key={id}
          duration={durationMs}
          onOpenChange={(open) => (open ? undefined : takeToast(id))}
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

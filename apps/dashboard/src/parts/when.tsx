import { useSyncExternalStore } from 'react';
import { ago, exactly } from '../time.ts';

const EACH_MS = 30_000;

let now = Date.now();
const listeners = new Set<() => void>();
let clock: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  now = Date.now();
  for (const tell of listeners) tell();
}

/** One clock for all that is shown. */
function listen(tell: () => void): () => void {
  if (listeners.size === 0) clock = setInterval(tick, EACH_MS);
  listeners.add(tell);
  return () => {
    listeners.delete(tell);
    if (listeners.size === 0) clearInterval(clock);
  };
}

/** How long ago, kept true while it stands there; the exact moment, in the viewer's zone, under the pointer. */
export function When({ at, className }: { readonly at: string; readonly className?: string }) {
  const seenAt = useSyncExternalStore(listen, () => now);
  return (
    <time
      dateTime={at}
      className={className}
      onPointerEnter={({ currentTarget }) => {
        currentTarget.title = exactly(at);
      }}
    >
      {ago(at, Math.max(seenAt, Date.parse(at)))}
    </time>
  );
}

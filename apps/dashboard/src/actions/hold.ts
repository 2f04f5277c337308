import { showToast } from '../parts/toast.ts';
import { text } from '../text/index.ts';

const HELD_MS = 5_000;

/** `left`: the page is being left, and what is held has to be sent now. */
export type HeldUntil = 'over' | 'left' | 'undone';

let undoLast: (() => void) | undefined;

/** Takes back the last decision that is still held. False where there is none. */
export function undoHeld(): boolean {
  const undo = undoLast;
  undo?.();
  return undo !== undefined;
}

/** Keeps a decision back for some seconds in which it can be taken back; nobody else hears of it before. */
export function hold(said: string): Promise<HeldUntil> {
  return new Promise((resolve) => {
    const gone = new AbortController();
    const end = (how: HeldUntil) => {
      gone.abort();
      window.clearTimeout(timer);
      takeAway();
      if (undoLast === undo) undoLast = undefined;
      resolve(how);
    };
    const undo = () => end('undone');
    const takeAway = showToast({
      title: said,
      durationMs: Number.POSITIVE_INFINITY,
      action: { label: text.actions.undo, onPress: undo },
    });
    const timer = window.setTimeout(() => end('over'), HELD_MS);
    undoLast = undo;
    const { signal } = gone;
    window.addEventListener('pagehide', () => end('left'), { signal });
    document.addEventListener('visibilitychange', () => (document.hidden ? end('left') : undefined), { signal });
  });
}

/** Longer waits can be felt when typing; shorter ones make a frame of every line. */
const COALESCE_MS = 16;
/** So many short texts of that time leave at once all the same: the echo of a quick hand, or of one key in pieces. */
const QUICK_FRAMES = 4;
const QUICK_CHARS = 4096;
/** More than this does not wait: who reads from disk could gather megabytes in that time. */
const FRAME_CHARS = 128 * 1024;
const HIGH_WATER_BYTES = 1024 * 1024;
const LOW_WATER_BYTES = HIGH_WATER_BYTES / 4;

export interface OutputOptions {
  /** Calls `sent` when the text has left for the network. */
  readonly send: (text: string, sent: () => void) => void;
  /** What waits for the network. */
  readonly bufferedBytes: () => number;
  readonly pause: () => void;
  readonly resume: () => void;
}

/**
 * Terminal output on its way to a client (B-164). The first texts after a silence leave at once, so that an echo is
 * immediate; what follows within 16 ms goes out together. A client that does not keep up stops the terminal.
 */
export function createOutput({ send, bufferedBytes, pause, resume }: OutputOptions) {
  let waiting = '';
  let timer: NodeJS.Timeout | undefined;
  let quick = 0;
  let isPaused = false;

  const sent = () => {
    if (!isPaused || bufferedBytes() > LOW_WATER_BYTES) return;
    isPaused = false;
    resume();
  };
  const flush = () => {
    if (waiting === '') return;
    const text = waiting;
    waiting = '';
    send(text, sent);
    if (isPaused || bufferedBytes() <= HIGH_WATER_BYTES) return;
    isPaused = true;
    pause();
  };
  const afterWait = () => {
    timer = undefined;
    quick = 0;
    if (waiting === '') return;
    flush();
    quick = QUICK_FRAMES; // in a stream nothing is quick
    timer = setTimeout(afterWait, COALESCE_MS);
  };

  return {
    write(text: string): void {
      waiting += text;
      const isQuick = quick < QUICK_FRAMES && waiting.length <= QUICK_CHARS;
      if (timer !== undefined && !isQuick && waiting.length < FRAME_CHARS) return;
      quick++;
      flush();
      timer ??= setTimeout(afterWait, COALESCE_MS);
    },
    flush,
    stop(): void {
      clearTimeout(timer);
      waiting = '';
    },
  };
}

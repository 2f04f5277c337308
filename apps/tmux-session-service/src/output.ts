/** Longer waits can be felt when typing; shorter ones make a frame of every line. */
const COALESCE_MS = 16;
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
 * Terminal output on its way to a client (B-164). The first text after a silence leaves at once, so that an echo is
 * immediate; what follows within 16 ms goes out together. A client that does not keep up stops the terminal.
 */
export function createOutput({ send, bufferedBytes, pause, resume }: OutputOptions) {
  let waiting = '';
  let timer: NodeJS.Timeout | undefined;
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
    if (waiting === '') return;
    flush();
    timer = setTimeout(afterWait, COALESCE_MS);
  };

  return {
    write(text: string): void {
      waiting += text;
      if (timer !== undefined && waiting.length < FRAME_CHARS) return;
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

/** xterm looks at the clock between pieces only: larger ones would hold up the page. */
const PIECE_CHARS = 16 * 1024;

/** Takes a text and calls `done` when it has been shown. */
export type Write = (text: string, done: () => void) => void;

export interface OutputQueue {
  /** Characters that wait. */
  readonly waiting: number;
  text(text: string): void;
  /** Something to do when all that came before has been shown, such as another size of the window. */
  step(step: () => void): void;
  /** What waits is not to be shown any more; steps are still done. */
  forgetText(): void;
  close(): void;
}

/** What a terminal is to show, in order, no faster than it can; `drained` is called whenever nothing waits any more. */
export function createOutputQueue(write: Write, drained: () => void): OutputQueue {
  let items: (string | (() => void))[] = [];
  let waiting = 0;
  let isBusy = false;
  let isClosed = false;

  const next = (): string | undefined => {
    for (let item = items.shift(); item !== undefined; item = items.shift()) {
      if (typeof item !== 'string') item();
      else if (item.length <= PIECE_CHARS) return item;
      else {
        items.unshift(item.slice(PIECE_CHARS));
        return item.slice(0, PIECE_CHARS);
      }
    }
    return undefined;
  };
  const pump = () => {
    if (isBusy || isClosed) return;
    const piece = next();
    if (piece === undefined) return drained();
    isBusy = true;
    write(piece, () => {
      waiting -= piece.length;
      isBusy = false;
      pump();
    });
  };

  return {
    get waiting() {
      return waiting;
    },
    text(text) {
      if (text === '') return;
      waiting += text.length;
      items.push(text);
      pump();
    },
    step(step) {
      items.push(step);
      pump();
    },
    forgetText() {
      for (const item of items) if (typeof item === 'string') waiting -= item.length;
      items = items.filter((item) => typeof item !== 'string');
    },
    close() {
      isClosed = true;
      items = [];
    },
  };
}

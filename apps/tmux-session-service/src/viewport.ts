import type { Logger } from '@pco/shared/log';
import type { ServerFrame } from './terminal-frames.ts';
import type { WindowSize } from './window-control.ts';

/** How a terminal's WebSocket ends. */
export const CLOSE = { normal: 1000, refused: 1008, failed: 1011, notFound: 4404 };

/** The browser's side, as a view of a session sees it. */
export interface Viewport {
  readonly log: Logger;
  /** `sent` is called when the frame has left for the network. */
  send(frame: ServerFrame, sent?: () => void): void;
  /** What waits for the network. */
  bufferedBytes(): number;
  /** The last word; nothing is sent after it. */
  end(frame: ServerFrame, code: number): void;
}

/** A session on its way to a browser. */
export interface View extends Disposable {
  start(): Promise<void>;
  type(text: string): void;
  /** The window has another size now. */
  resized(size: WindowSize): void;
}

export interface WindowSize {
  readonly cols: number;
  readonly rows: number;
}
/** What one viewer hears: whether it holds control, and the size of the window. */
export interface ControlState extends WindowSize {
  readonly holder: 'you' | 'other' | 'nobody';
}
export interface Controller {
  /** Takes control from whoever has it. */
  take(): void;
  release(): void;
  /** Sets the size if this viewer holds control, or nobody does. @returns whether it was set */
  resize(size: WindowSize): boolean;
  leave(): void;
}
export type WindowControl = ReturnType<typeof createWindowControl>;

interface Viewer {
  readonly tell: (state: ControlState) => void;
}
interface Window {
  readonly viewers: Set<Viewer>;
  holder: Viewer | undefined;
  size: WindowSize;
}

/**
 * Who sets the size of a window: one of its viewers at a time. The first one that may and that says a size has control;
 * another one takes it on purpose, and all the others are told. So nobody's view changes by surprise.
 */
export function createWindowControl() {
  const windows = new Map<string, Window>();

  const tellAll = ({ viewers, holder, size }: Window) => {
    for (const viewer of viewers) {
      const mine = holder === viewer ? 'you' : 'other';
      viewer.tell({ holder: holder === undefined ? 'nobody' : mine, ...size });
    }
  };

  return {
    /** `size` is that of the window now; `tell` is called at once and at every change. */
    join(id: string, size: WindowSize, tell: (state: ControlState) => void): Controller {
      const window = windows.get(id) ?? { viewers: new Set(), holder: undefined, size };
      windows.set(id, window);
      const self: Viewer = { tell };
      window.viewers.add(self);
      tell({ holder: window.holder === undefined ? 'nobody' : 'other', ...window.size });
      const give = (holder: Viewer | undefined) => {
        if (window.holder === holder) return;
        window.holder = holder;
        tellAll(window);
      };
      return {
        take: () => give(self),
        release: () => {
          if (window.holder === self) give(undefined);
        },
        resize({ cols, rows }) {
          if (window.holder !== undefined && window.holder !== self) return false;
          const isSame = window.size.cols === cols && window.size.rows === rows;
          if (isSame && window.holder === self) return false;
          window.holder = self;
          window.size = { cols, rows };
          tellAll(window);
          return !isSame;
        },
        leave() {
          window.viewers.delete(self);
          if (window.holder === self) give(undefined);
          if (window.viewers.size === 0 && windows.get(id) === window) windows.delete(id);
        },
      };
    },
  };
}

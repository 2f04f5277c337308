import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { WebglAddon } from '@xterm/addon-webgl';
import { type ITheme, Terminal as Xterm } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';

const SCROLLBACK_LINES = 10_000; // B-204
const FONT_STEP = 0.5;
const PLAYED = /swiftshader|llvmpipe|software|basic render/i;

/** Dark in both themes: programs choose their colours for it (B-204). */
const THEME: ITheme = {
  background: '#101114',
  foreground: '#e6e6ea',
  cursor: '#a5a0ff',
  cursorAccent: '#101114',
  selectionBackground: '#4f46e580',
  black: '#2c2e36',
  red: '#ff938a',
  green: '#6dd695',
  yellow: '#f2b45c',
  blue: '#8ab4f8',
  magenta: '#d7a6ff',
  cyan: '#6fd3e0',
  white: '#d9dae0',
  brightBlack: '#8d919e',
  brightRed: '#ffb3ac',
  brightGreen: '#98e6b5',
  brightYellow: '#ffd08a',
  brightBlue: '#adccff',
  brightMagenta: '#e6c8ff',
  brightCyan: '#9ae6f0',
  brightWhite: '#ffffff',
};

export interface Size {
  readonly cols: number;
  readonly rows: number;
}

export interface ScreenOptions {
  readonly font: number;
  /** A small picture of it: nothing above it, nothing to press, and no graphics context, of which a browser has few. */
  readonly isThumbnail: boolean;
}

export interface Screen extends Disposable {
  readonly term: Xterm;
  readonly search: SearchAddon;
  /** How much fits at the person's own size of letters. */
  proposed(font: number): Size | undefined;
  /** Shows exactly so many cells: with smaller letters where they do not fit, but none smaller than `smallest`. */
  show(size: Size, font: number, smallest: number): void;
}

/** A terminal in the page. The graphics card draws it where that works, the page itself where it does not. */
export function createScreen(element: HTMLElement, { font, isThumbnail }: ScreenOptions): Screen {
  const term = new Xterm({
    allowProposedApi: true, // for search marks and for widths of characters
    cursorBlink: false,
    cursorInactiveStyle: isThumbnail ? 'none' : 'outline',
    disableStdin: true,
    fontFamily: 'ui-monospace, "Cascadia Mono", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
    fontSize: font,
    linkHandler: { activate: (_, target) => follow(target), hover: (_, target) => tell(target), leave: () => tell('') },
    macOptionIsMeta: true,
    scrollback: isThumbnail ? 0 : SCROLLBACK_LINES,
    theme: THEME,
  });
  /** Where a link leads, which its own words need not say. */
  const tell = (target: string): void => {
    element.title = target;
  };
  const fit = new FitAddon();
  const search = new SearchAddon({ highlightLimit: 1_000 });
  term.loadAddon(fit);
  term.loadAddon(new UnicodeGraphemesAddon());
  term.open(element);
  if (!isThumbnail) {
    term.loadAddon(search);
    term.loadAddon(
      new WebLinksAddon((_, target) => follow(target), {
        hover: (_, target) => tell(target),
        leave: () => tell(''),
      }),
    );
    drawByGraphicsCard(term);
  }

  const setFont = (size: number): void => {
    if (term.options.fontSize !== size) term.options.fontSize = size;
  };
  return {
    term,
    search,
    proposed(size) {
      setFont(size);
      return fit.proposeDimensions();
    },
    show({ cols, rows }, wished, smallest) {
      setFont(wished);
      for (let size = wished; size > smallest; ) {
        const room = fit.proposeDimensions();
        if (!room || (room.cols >= cols && room.rows >= rows)) break;
        const ratio = Math.min(room.cols / cols, room.rows / rows, 1);
        size = Math.max(smallest, Math.min(size - FONT_STEP, Math.ceil((size * ratio) / FONT_STEP) * FONT_STEP));
        setFont(size);
      }
      if (term.cols !== cols || term.rows !== rows) term.resize(cols, rows);
    },
    [Symbol.dispose]: () => term.dispose(),
  };
}

function drawByGraphicsCard(term: Xterm): void {
  if (!hasGraphicsCard()) return;
  try {
    const webgl = new WebglAddon();
    webgl.onContextLoss(() => webgl.dispose()); // the page goes on drawing by itself
    term.loadAddon(webgl);
  } catch {
    // no such thing here
  }
}

/** A processor that plays one is slower than the page itself. */
function hasGraphicsCard(): boolean {
  const context = document.createElement('canvas').getContext('webgl2', { failIfMajorPerformanceCaveat: true });
  if (!context) return false;
  const info = context.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(context.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : context.RENDERER));
  context.getExtension('WEBGL_lose_context')?.loseContext(); // a browser has few of them
  return !PLAYED.test(renderer);
}

/** In a window of its own that knows nothing of this one. */
function follow(target: string): void {
  const protocol = URL.parse(target)?.protocol;
  if (protocol === 'http:' || protocol === 'https:') window.open(target, '_blank', 'noopener,noreferrer');
}

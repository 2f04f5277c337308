/** Cursor, erasing, scrolling, colours, tabs. Not here: c n t x q y, at which a terminal answers, and i, which prints. */
const CSI_FINALS = new Set('@ABCDEFGHIJKLMPSTXZ`abdefgmrsu');
/** Numbers above this make some terminals fill their memory. */
const PARAMETERS = /^(\d{0,5}[;:])*\d{0,5}$/;
/** DEC modes that change the picture or which keys are sent: cursor, screens, wrapping, mouse, paste, synchronised output. */
const DEC_MODES = new Set(
  '1 5 6 7 9 12 25 45 47 1000 1002 1003 1005 1006 1007 1015 1016 1047 1048 1049 2004 2026'.split(' '),
);
const CURSOR_STYLE = /^\d{0,2} $/;
/** Save and restore the cursor, move by a line, tab stop, keypad, reset, alignment, and what the sets G0 and G1 mean. */
const ESCAPES = /^([78DEHMc=>]|#8|[()][0AB])$/;
const LINK_PROTOCOLS = new Set(['http:', 'https:', 'mailto:']);
const MAX_LINK_CHARS = 2083; // what browsers agree on
const MAX_TITLE_CHARS = 256;
const MAX_OSC_CHARS = 4096;

/** The sequence as it may be shown, or nothing. `body` is what stands between `ESC [` and the final character. */
export function csiText(body: string, final: string): string {
  if (final === 'h' || final === 'l') return modeText(body, final);
  if (final === 'q' && CURSOR_STYLE.test(body)) return `\u001b[${body}q`;
  if (final === 'p' && body === '!') return '\u001b[!p';
  const isErase = final === 'J' || final === 'K';
  const parameters = isErase ? body.replace(/^\?/, '') : body;
  const isTracking = final === 'T' && body.includes(';'); // asks for reports of the mouse
  return CSI_FINALS.has(final) && !isTracking && PARAMETERS.test(parameters) ? `\u001b[${body}${final}` : '';
}

function modeText(body: string, final: string): string {
  if (body === '4') return `\u001b[4${final}`;
  if (!body.startsWith('?')) return '';
  const modes = body
    .slice(1)
    .split(';')
    .filter((mode) => DEC_MODES.has(mode));
  return modes.length === 0 ? '' : `\u001b[?${modes.join(';')}${final}`;
}

/** `body` is what follows the ESC. */
export const escapeText = (body: string): string => (ESCAPES.test(body) ? `\u001b${body}` : '');

/** Titles and links. Not here: the clipboard (52), colours of the whole terminal, notifications. `body` is Latin-1. */
export function oscText(body: string): string {
  if (body.length > MAX_OSC_CHARS) return '';
  const text = Buffer.from(body, 'latin1').toString();
  const [, kind = '', rest = ''] = /^(\d+);(.*)$/s.exec(text) ?? [];
  if (kind === '8') return linkText(rest);
  if (kind !== '0' && kind !== '1' && kind !== '2') return '';
  const title = Array.from(rest.replaceAll(/\p{C}/gu, '')).slice(0, MAX_TITLE_CHARS).join('');
  return `\u001b]${kind};${title}\u0007`;
}

/** A link that is refused still ends the one before it. */
function linkText(rest: string): string {
  const separator = rest.indexOf(';');
  const target = rest.slice(separator + 1);
  const isSafe =
    separator !== -1 &&
    target.length <= MAX_LINK_CHARS &&
    /^[!-~]+$/.test(target) &&
    LINK_PROTOCOLS.has(URL.parse(target)?.protocol ?? '');
  if (!isSafe) return '\u001b]8;;\u0007';
  const id = /(?:^|:)(id=[\w-]{1,64})(?=:|$)/.exec(rest.slice(0, separator))?.[1] ?? '';
  return `\u001b]8;${id};${target}\u0007`;
}

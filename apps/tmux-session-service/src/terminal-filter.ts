import { csiText, escapeText, oscText } from './terminal-sequences.ts';

const ESC = 0x1b;
const BEL = 0x07;
/** End a sequence at once, without effect (ECMA-48: CAN, SUB). */
const isAbort = (byte: number): boolean => byte === 0x18 || byte === 0x1a;
/** What a terminal does not show and we do not need; ENQ, at which it would type an answer, above all. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: dropping control characters is the purpose
const DROPPED_CONTROLS = /[\u0000-\u0006\u0010-\u001a\u001c-\u001f\u007f-\u009f]/g;
const MAX_SEQUENCE_BYTES = 4096;
/** tmux itself takes no longer string (input-buffer-size); behind it plain text goes on. */
const MAX_STRING_BYTES = 1024 * 1024;
/** Kinds of strings that end with ST: DCS, SOS, PM, APC, and the window name of screen(1). */
const STRINGS = new Set(['P', 'X', '^', '_', 'k']);

type State = 'ground' | 'escape' | 'csi' | 'osc' | 'string';
export type TerminalFilter = ReturnType<typeof createTerminalFilter>;

/**
 * Turns what a pane prints into text that a browser's terminal may show: printable text and the sequences on our list,
 * always whole and in a normal form. What would make the terminal answer, or reach the clipboard, a printer or a
 * script, is left out. However the bytes are cut into pieces, the text is the same.
 */
export function createTerminalFilter() {
  let state: State = 'ground';
  let body = '';
  /** Bytes of the sequence so far; with those of half a character they are what `pendingBytes` counts. */
  let sequenceBytes = 0;
  /** Controls inside a sequence take effect at once; here they wait, so that nothing leaves before its sequence is whole. */
  let controls = '';
  let half: Buffer = Buffer.alloc(0);
  let out: string[] = [];

  const begin = (next: State) => {
    state = next;
    body = '';
  };
  const end = (text: string) => {
    out.push(controls + text);
    controls = '';
    sequenceBytes = 0;
    begin('ground');
  };

  /** @returns how many bytes were taken */
  const ground = (bytes: Buffer, from: number): number => {
    const found = bytes.indexOf(ESC, from);
    const to = found === -1 ? bytes.length : found;
    const run = Buffer.concat([half, bytes.subarray(from, to)]);
    const whole = found === -1 ? run.length - unfinishedBytes(run) : run.length;
    half = run.subarray(whole);
    out.push(run.toString('utf8', 0, whole).replace(DROPPED_CONTROLS, ''));
    if (found === -1) return to - from;
    sequenceBytes = 1;
    begin('escape');
    return to - from + 1;
  };

  /** One byte of a sequence. @returns 0 when it does not belong to it and is to be looked at again */
  const step = (byte: number): 0 | 1 => {
    const char = String.fromCharCode(byte);
    if (isAbort(byte)) end('');
    else if (byte === ESC) {
      end(state === 'osc' ? oscText(body) : '');
      sequenceBytes = 0; // counted below
      begin('escape');
    } else if (state === 'osc') {
      if (byte === BEL) end(oscText(body));
      else if (byte >= 0x20 && body.length <= MAX_SEQUENCE_BYTES) body += char; // one too long is known by its length
    } else if (state === 'string') {
      // dropped
    } else if (byte >= 0x80) {
      end('');
      return 0;
    } else if (byte < 0x20) controls += char.replace(DROPPED_CONTROLS, '');
    else if (byte === 0x7f) {
      // ignored
    } else if (state === 'csi') {
      if (byte >= 0x40) end(csiText(body, char));
      else body += char;
    } else if (byte < 0x30) body += char;
    else if (body !== '') end(escapeText(body + char));
    else if (char === '[') begin('csi');
    else if (char === ']') begin('osc');
    else if (STRINGS.has(char)) begin('string');
    else end(escapeText(char));
    if (state !== 'ground') sequenceBytes++;
    return 1;
  };

  return {
    /** How many of the bytes given are not decided yet; whoever starts again must start before them. */
    get pendingBytes(): number {
      return sequenceBytes + half.length;
    },

    push(bytes: Buffer): string {
      for (let at = 0; at < bytes.length; ) {
        const limit = state === 'osc' || state === 'string' ? MAX_STRING_BYTES : MAX_SEQUENCE_BYTES;
        if (state !== 'ground' && sequenceBytes >= limit) end('');
        at += state === 'ground' ? ground(bytes, at) : step(bytes[at] ?? 0);
      }
      const text = out.join('');
      out = [];
      return text;
    },
  };
}

/** How many bytes at the end are the beginning of a character that may still come whole. */
function unfinishedBytes(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length > back ? back : 0;
  }
  return 0;
}

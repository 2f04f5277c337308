import { pause } from '@pco/shared/time';
import type { OutputLog } from './output-log.ts';
import { paintingOf } from './picture.ts';
import { createTerminalFilter } from './terminal-filter.ts';
import type { Tmux } from './tmux.ts';

const SCROLLBACK_LINES = 1_000;
const ATTEMPTS = 4;
/** The writer, given a processor, is done within microseconds; in a flood it never is. */
const WRITER_PATIENCE_MS = 40;
/** Where the writer cannot be watched, it is given as long as it might need. */
const BLIND_WAIT_MS = 30;
/** A sequence that is not whole has hardly more; longer strings are dropped anyway. */
const TAIL_BYTES = 8 * 1024;
const BLOCK_BYTES = 64 * 1024;
/** Bracketed paste is set once, when a program starts; further back than this nobody looks. */
const MODE_SEARCH_BYTES = 8 * 1024 * 1024;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is a control sequence
const PASTE_MODE = /\u001b\[\?(?:\d+;)*2004(?:;\d+)*([hl])|\u001bc/g;

/** The screen as text, and the number of the first byte that it does not hold. */
export interface Painting {
  readonly text: string;
  readonly seq: number;
  readonly cols: number;
  readonly rows: number;
  /** false while output pours in: then the number is a little too low, and it should be painted again. */
  readonly isExact: boolean;
}

/**
 * tmux does not say how many bytes it had taken when it drew its picture. But the picture holds exactly what is on disk
 * if nothing was added from before it was taken until everything of that time had been written; so it is taken until
 * that holds, or given up for the moment.
 */
export async function paint(tmux: Tmux, log: OutputLog, id: string): Promise<Painting> {
  for (let attempt = 1; ; attempt++) {
    log.advance();
    const before = log.end;
    const picture = await tmux.picture(id, SCROLLBACK_LINES);
    await tmux.goRound();
    const isIdle = await untilIdle(log);
    log.advance();
    const isExact = isIdle && log.end === before;
    if (!isExact && attempt < ATTEMPTS) continue;
    const { pane_width: cols, pane_height: rows } = picture.facts;
    const filter = createTerminalFilter();
    const text = filter.push(Buffer.from(paintingOf(picture, await isPasteBracketed(log, before))));
    return { text, seq: before - (await undecidedBytes(log, before)), cols, rows, isExact };
  }
}

async function untilIdle(log: OutputLog): Promise<boolean> {
  for (const deadline = performance.now() + WRITER_PATIENCE_MS; ; await pause(1)) {
    const isIdle = log.isWriterIdle();
    if (isIdle === undefined) await pause(BLIND_WAIT_MS);
    if (isIdle !== false) return true;
    if (performance.now() > deadline) return false;
  }
}

/** A program may have written half a sequence: tmux shows nothing of it yet, so the stream starts before it. */
async function undecidedBytes(log: OutputLog, at: number): Promise<number> {
  const filter = createTerminalFilter();
  for await (const block of blocks(log, Math.max(0, at - TAIL_BYTES), at)) filter.push(block);
  return filter.pendingBytes;
}

/** tmux 3.3 has no format for this mode, and without it a browser would send every pasted line on its own. */
async function isPasteBracketed(log: OutputLog, at: number): Promise<boolean> {
  for (let to = at; to > Math.max(0, at - MODE_SEARCH_BYTES); to -= BLOCK_BYTES) {
    const parts: Buffer[] = [];
    const overlap = 64; // a sequence may lie across two blocks
    for await (const part of blocks(log, Math.max(0, to - BLOCK_BYTES), Math.min(at, to + overlap))) parts.push(part);
    const last = [...Buffer.concat(parts).toString('latin1').matchAll(PASTE_MODE)].at(-1);
    if (last) return last[1] === 'h';
    if (parts.length === 0) return false; // not kept
  }
  return false;
}

async function* blocks(log: OutputLog, from: number, to: number): AsyncGenerator<Buffer> {
  for (let at = from; at < to; ) {
    const bytes = await log.read(at);
    if (bytes === undefined || bytes.length === 0) return;
    const block = bytes.subarray(0, to - at);
    yield block;
    at += block.length;
  }
}

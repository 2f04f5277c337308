import { mergeSpans, type Span, secretSpans } from '@pco/shared/secrets';
import { CAUGHT_UP, type OutputEvent } from './recording-events.ts';
import { wrappedSpans } from './wrapped-spans.ts';

/** So much is looked at together: a secret may be spread over as many pieces as it has characters. */
const WINDOW_CHARS = 256 * 1024;
/** Longer than any secret that we know, so one that begins before the cut is seen whole. */
const AHEAD_CHARS = 32 * 1024;
/** What is longer is no word. */
const WORD_CHARS = 4096;
/** What tells that a secret follows stands this close before it. */
const CONTEXT_CHARS = 1024;
const MASK = '*';
/** In the normal form that the filter gives: titles and links, sequences, and what readline does at the right margin. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about control sequences
const SEQUENCE = /\u001b\][^\u0007]*\u0007|\u001b\[[^@-~]*([@-~])|\u001b(?:[()#].|.)| \r(?!\n)/gs;
/** Programs jump instead of printing spaces, or to the next line. */
const JUMPS = new Set('CDGIZ`a');
const LINE_JUMPS = new Set('ABEFHdef');
const NO_PLACE = -1;

/**
 * Replaces secrets by as many stars, so that the picture keeps its form. They are found in what one would read, with
 * colours and jumps left out and however it is cut into events; titles and links that hold one are dropped whole. Where
 * there is no more for the moment, what may be the beginning of a secret waits until it is known.
 *
 * @param isOwn finds further secrets, which no pattern would
 * @param cols width of the terminal, at its narrowest: programs wrap there
 */
export async function* redactEvents(
  events: AsyncIterable<OutputEvent>,
  isOwn: (word: string) => boolean,
  cols = 80,
): AsyncGenerator<OutputEvent> {
  let waiting: OutputEvent[] = [];
  let chars = 0;
  let context = '';
  const flush = (aheadChars: Ahead): OutputEvent[] => {
    const { done, rest, plain } = redactWindow(waiting, context, aheadChars, { isOwn, cols });
    context = (context + plain).slice(-CONTEXT_CHARS);
    waiting = rest;
    chars = rest.reduce((sum, { text }) => sum + text.length, 0);
    return done;
  };
  for await (const event of events) {
    if (event.text === CAUGHT_UP) {
      yield* flush('word');
      yield event;
      continue;
    }
    waiting.push(event);
    chars += event.text.length;
    if (chars >= WINDOW_CHARS) yield* flush(AHEAD_CHARS);
  }
  yield* flush(0);
}

/** How much of what one would read is looked at but not given away yet: so many characters, or a last word. */
type Ahead = number | 'word';
interface Known {
  readonly isOwn: (word: string) => boolean;
  readonly cols: number;
}
interface Redacted {
  readonly done: OutputEvent[];
  readonly rest: OutputEvent[];
  /** What one would read of what is done. */
  readonly plain: string;
}

function redactWindow(events: readonly OutputEvent[], context: string, aheadChars: Ahead, known: Known): Redacted {
  const whole = events.map(({ text }) => text).join('');
  const { plain, places, dropped } = readable(whole);
  const spans = spansIn(context + plain, known).flatMap(([from, to]): Span[] => {
    const end = to - context.length;
    return end > 0 ? [[Math.max(0, from - context.length), end]] : [];
  });
  const cut = aheadChars === 'word' ? wordCut(plain, spans, known.cols) : windowCut(plain.length - aheadChars, spans);
  // Up to the character at the cut, sequences before it included; everything at the end.
  const wholeCut =
    cut >= plain.length ? whole.length : (places.slice(cut).find((place) => place !== NO_PLACE) ?? whole.length);
  const hidden = new Set(spans.flatMap(([from, to]) => places.slice(from, to)));
  const masked = (at: number, char: string) => {
    if (dropped.has(at)) return '';
    return hidden.has(at) && !/[\s│┃]/.test(char) ? MASK : char;
  };
  return { ...split(events, wholeCut, masked), plain: plain.slice(0, cut) };
}

/** A secret is not cut, unless it is as long as all that there is. */
function windowCut(limit: number, spans: readonly Span[]): number {
  const crossing = spans.find(([from, to]) => from < limit && to > limit);
  return crossing && crossing[0] > 0 ? crossing[0] : Math.max(0, limit);
}

/** Before the last word, which may go on, in the next line too if its own is full; and before a secret at the end. */
function wordCut(plain: string, spans: readonly Span[], cols: number): number {
  const written = plain.trimEnd().length;
  const isFull = written - 1 - plain.lastIndexOf('\n', written - 1) >= cols - 1;
  let limit = isFull ? written : plain.length;
  while (limit > 0 && written - limit < WORD_CHARS && /\S/.test(plain.charAt(limit - 1))) limit--;
  return spans.find(([from, to]) => from < limit && to >= plain.slice(0, limit).trimEnd().length)?.[0] ?? limit;
}

/** The events before a character, each character of them passed through a function, and those after it as they are. */
function split(events: readonly OutputEvent[], cut: number, masked: (at: number, char: string) => string) {
  const done: OutputEvent[] = [];
  const rest: OutputEvent[] = [];
  let start = 0;
  for (const { atMs, text } of events) {
    const head = text.slice(0, Math.max(0, cut - start));
    const clean = head.split('').map((char, index) => masked(start + index, char));
    if (clean.length > 0) done.push({ atMs, text: clean.join('') });
    if (head.length < text.length) rest.push({ atMs, text: text.slice(head.length) });
    start += text.length;
  }
  return { done, rest };
}

/** What one would read, and where each of its characters stands. */
function readable(text: string) {
  const places: number[] = [];
  const dropped = new Set<number>();
  let plain = '';
  let at = 0;
  const add = (to: number) => {
    plain += text.slice(at, to);
    for (; at < to; at++) places.push(at);
  };
  for (const { index, 0: sequence, 1: final } of text.matchAll(SEQUENCE)) {
    add(index);
    at = index + sequence.length;
    if (sequence.startsWith('\u001b]') && secretSpans(sequence).length > 0)
      for (let place = index; place < at; place++) dropped.add(place);
    const jump = jumpOf(final);
    if (jump === '') continue;
    plain += jump;
    places.push(NO_PLACE);
  }
  add(text.length);
  return { plain, places, dropped };
}

const jumpOf = (final = ''): string => (JUMPS.has(final) ? ' ' : LINE_JUMPS.has(final) ? '\n' : '');

const spansIn = (text: string, { isOwn, cols }: Known): Span[] =>
  mergeSpans(wrappedSpans(text, cols, (piece) => [...secretSpans(piece), ...ownSpans(piece, isOwn)]));

const ownSpans = (text: string, isOwn: (word: string) => boolean): Span[] =>
  [...text.matchAll(/[\w~+-]{8,}/g)].flatMap(({ index, 0: word }): Span[] =>
    isOwn(word) ? [[index, index + word.length]] : [],
  );

import type { Span } from '@pco/shared/secrets';

/** A program that wraps by itself leaves a margin, or a frame, beside what it wraps. */
const MARGIN_COLUMNS = 8;
/** The end of a line and the beginning of the next, with the frames that some programs draw around text. */
const BREAK = /[ \t]*[│┃|]?[ \t]*(?:\r?\n)+[ \t]*[│┃|]?[ \t]*/g;
/** A line is wrapped within a word or at a space, and one cannot see which. */
const JOINTS = ['', ' '];

/**
 * What is found in a text as it stands, and in its lines as they were before a program wrapped them: those that fill
 * their terminal are read together with the next one.
 */
export function wrappedSpans(text: string, cols: number, find: (text: string) => readonly Span[]): readonly Span[] {
  const gaps = fullLines(text, cols);
  if (gaps.length === 0) return find(text);
  const joined = JOINTS.flatMap((joint) => findJoined(text, gaps, joint, find));
  return [...find(text), ...joined].map(([from, to]): Span => [from, goesOn(text, gaps, to)]);
}

/** Ends of lines that reach the right margin, up to where the next line begins. */
function fullLines(text: string, cols: number): readonly Span[] {
  let start = 0;
  return [...text.matchAll(BREAK)].flatMap(({ index, 0: gap }): Span[] => {
    const isFull = index - start >= cols - MARGIN_COLUMNS;
    start = index + gap.length;
    return isFull ? [[index, start]] : [];
  });
}

function findJoined(
  text: string,
  gaps: readonly Span[],
  joint: string,
  find: (text: string) => readonly Span[],
): readonly Span[] {
  let joined = '';
  let from = 0;
  /** Where each piece begins in the joined text, and in the text itself. */
  const pieces = [{ at: 0, from }];
  for (const [index, end] of gaps) {
    joined += text.slice(from, index) + joint;
    from = end;
    pieces.push({ at: joined.length, from });
  }
  joined += text.slice(from);
  const place = (at: number): number => {
    const piece = pieces.findLast((each) => each.at <= at) ?? { at: 0, from: 0 };
    return piece.from + at - piece.at;
  };
  return find(joined).map(([first, end]): Span => [place(first), place(end - 1) + 1]);
}

/** A secret that reaches the end of a full line may go on in the next one. */
function goesOn(text: string, gaps: readonly Span[], end: number): number {
  const gap = gaps.find(([index]) => index === end);
  if (gap === undefined) return end;
  const more = /^[^\s│┃|]*/.exec(text.slice(gap[1], gap[1] + 1024))?.[0].length ?? 0;
  return goesOn(text, gaps, gap[1] + more);
}

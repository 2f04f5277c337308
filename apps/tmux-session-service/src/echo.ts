/** So much of the end of what was typed is looked for; a screen wraps it, and may have scrolled the rest away. */
const TAIL_CHARS = 24;

/**
 * Whether a screen shows what was typed, which the one before did not: then the program has read it, and what comes
 * next is a key of its own. Wrapping, indentation and frames do not count.
 */
export function isEchoed(typed: string, before: string, after: string): boolean {
  const tail = plain(typed).slice(-TAIL_CHARS);
  return tail === '' || countOf(tail, plain(after)) > countOf(tail, plain(before));
}

const plain = (text: string): string => text.replaceAll(/[\s│┃]/gu, '');
const countOf = (part: string, text: string): number => text.split(part).length - 1;

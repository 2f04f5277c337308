import { compile } from 'html-to-text';

const MAX_CHARS = 1024 * 1024;
/** Real descriptions nest a dozen levels; without a limit a hostile one overflows the stack. */
const MAX_DEPTH = 100;
/** The parser's time grows with the square of the depth: 150,000 open tags took it four seconds, these 0.1. */
const MAX_TAGS = 20_000;
const MAX_CHILD_NODES = 20_000;

/** In capitals a file name or an identifier could not be read back. */
const HEADINGS = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'];

const toText = compile({
  wordwrap: false,
  limits: { maxInputLength: MAX_CHARS, maxDepth: MAX_DEPTH, maxChildNodes: MAX_CHILD_NODES, ellipsis: '…' },
  selectors: [
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true } },
    { selector: 'img', format: 'skip' },
    ...HEADINGS.map((selector) => ({ selector, options: { uppercase: false } })),
  ],
});

/** A description or comment of Plane as plain text, for prompts and terminals. What is too long or deep is cut. */
export function htmlToText(html: string): string {
  return toText(cut(html)).replaceAll('\0', '').trim();
}

/** By length and by number of tags. */
function cut(html: string): string {
  let end = -1;
  for (let tags = 0; tags <= MAX_TAGS; tags++) {
    end = html.indexOf('<', end + 1);
    if (end < 0 || end >= MAX_CHARS) return html.slice(0, MAX_CHARS);
  }
  return html.slice(0, end);
}

import { escapeHtml, withoutControls } from './escape-html.ts';

const LINE_BREAK = /\r\n|[\n\r\u2028\u2029]/;
const FENCE = /^\s*```/;
const HEADING = /^#{1,6}\s+(.+)$/;
const ITEM = { ul: /^\s*[-*+]\s+(.+)$/, ol: /^\s*\d{1,9}[.)]\s+(.+)$/ } as const;
type List = keyof typeof ITEM;
const LISTS = Object.keys(ITEM) as List[]; // exactly its keys

/**
 * A summary as blocks of HTML: agents write simple Markdown, of which lists, code and emphasis are shown as such. Each
 * other line is a paragraph of its own because Plane shows line breaks as spaces. Links stay text: where they lead is
 * the agent's word alone.
 */
export function summaryBlocks(summary: string): readonly string[] {
  const lines = trimBlank(summary.toWellFormed().split(LINE_BREAK).map(clean));
  const blocks: string[] = [];
  for (let at = 0; at < lines.length; ) {
    const { html, taken } = nextBlock(lines, at);
    blocks.push(html);
    at += taken;
  }
  return blocks;
}

function nextBlock(lines: readonly string[], at: number): { html: string; taken: number } {
  const line = lines[at] ?? '';
  if (FENCE.test(line)) return codeBlock(lines, at);
  const list = LISTS.find((kind) => ITEM[kind].test(line));
  if (list) return listBlock(list, lines, at);
  const [, heading] = HEADING.exec(line) ?? [];
  const html = heading === undefined ? inline(line) : `<strong>${escapeHtml(heading)}</strong>`;
  return { html: `<p>${html}</p>`, taken: 1 };
}

/** Up to the closing fence, or to the end where it is missing. */
function codeBlock(lines: readonly string[], at: number): { html: string; taken: number } {
  const length = lines.slice(at + 1).findIndex((line) => FENCE.test(line));
  const code = lines.slice(at + 1, length < 0 ? undefined : at + 1 + length);
  return { html: `<pre><code>${escapeHtml(code.join('\n'))}</code></pre>`, taken: code.length + (length < 0 ? 1 : 2) };
}

function listBlock(list: List, lines: readonly string[], at: number): { html: string; taken: number } {
  const items: string[] = [];
  for (const line of lines.slice(at)) {
    const [, text] = ITEM[list].exec(line) ?? [];
    if (text === undefined) break;
    items.push(`<li>${inline(text)}</li>`);
  }
  return { html: `<${list}>${items.join('')}</${list}>`, taken: items.length };
}

/** Code first: what looks like emphasis within it is none. */
const inline = (text: string): string =>
  text
    .split(/(`[^`]+`|\*\*[^*]+\*\*)/)
    .map((part, i) => (i % 2 === 0 ? escapeHtml(part) : marked(part)))
    .join('');

const marked = (part: string): string =>
  part.startsWith('`')
    ? `<code>${escapeHtml(part.slice(1, -1))}</code>`
    : `<strong>${escapeHtml(part.slice(2, -2))}</strong>`;

const clean = (line: string): string => withoutControls(line).trimEnd();

function trimBlank(lines: readonly string[]): readonly string[] {
  const isFilled = (line: string) => line.trim() !== '';
  const first = lines.findIndex(isFilled);
  return first < 0 ? [] : lines.slice(first, lines.findLastIndex(isFilled) + 1);
}

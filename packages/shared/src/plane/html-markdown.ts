import { compile, type Formatter } from 'html-to-text';

const MAX_CHARS = 1024 * 1024;
/** Real descriptions nest a dozen levels; without a limit a hostile one overflows the stack. */
const MAX_DEPTH = 100;
/** The parser's time grows with the square of the depth: 150,000 open tags took it four seconds, these 0.1. */
const MAX_TAGS = 20_000;
const MAX_CHILD_NODES = 20_000;

const literal =
  (before: string, after: string): Formatter =>
  (element, walk, builder) => {
    builder.addLiteral(before);
    walk(element.children, builder);
    builder.addLiteral(after);
  };

const heading =
  (marks: string): Formatter =>
  (element, walk, builder) => {
    builder.openBlock({ leadingLineBreaks: 2 });
    builder.addLiteral(`${marks} `);
    walk(element.children, builder);
    builder.closeBlock({ trailingLineBreaks: 2 });
  };

const fence: Formatter = (element, walk, builder) => {
  builder.openBlock({ isPre: true, leadingLineBreaks: 2 });
  builder.addLiteral('```\n');
  walk(element.children, builder);
  builder.addLiteral('\n```');
  builder.closeBlock({ trailingLineBreaks: 2 });
};

/** An address that stands for itself needs no second time. */
const link: Formatter = (element, walk, builder) => {
  const address = element.attribs?.href ?? '';
  const [child, ...more] = element.children;
  const isPlain = address === '' || (more.length === 0 && child?.data?.trim() === address);
  if (isPlain) return walk(element.children, builder);
  builder.addLiteral('[');
  walk(element.children, builder);
  builder.addLiteral(`](${address})`);
};

const HEADINGS = [1, 2, 3, 4, 5, 6];

const toMarkdown = compile({
  wordwrap: false,
  limits: { maxInputLength: MAX_CHARS, maxDepth: MAX_DEPTH, maxChildNodes: MAX_CHILD_NODES, ellipsis: '…' },
  formatters: {
    fence,
    link,
    code: literal('`', '`'),
    strong: literal('**', '**'),
    emphasis: literal('*', '*'),
    ...Object.fromEntries(HEADINGS.map((level) => [`heading${level}`, heading('#'.repeat(level))])),
  },
  selectors: [
    { selector: 'a', format: 'link' },
    { selector: 'img', format: 'skip' },
    { selector: 'ul', options: { itemPrefix: '- ' } },
    { selector: 'pre', format: 'fence' },
    { selector: 'code', format: 'code' },
    { selector: 'pre > code', format: 'inline' },
    ...['b', 'strong'].map((selector) => ({ selector, format: 'strong' })),
    ...['i', 'em'].map((selector) => ({ selector, format: 'emphasis' })),
    ...HEADINGS.map((level) => ({ selector: `h${level}`, format: `heading${level}` })),
  ],
});

/** A description or comment of Plane as Markdown, for prompts. What is too long or deep is cut. */
export function htmlToMarkdown(html: string): string {
  return toMarkdown(cut(html)).replaceAll('\0', '').trim();
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

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Everything from the control blocks but the tab. Plane refuses NUL with a 400. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
const LINE_BREAK = /\r\n|[\n\r\u2028\u2029]/;

const SIGNATURE = '<p>🤖 This work was done with Claude Code assistance.</p>';

/**
 * A summary as the comment of B-101. Plane stores comments as they are sent, so everything is escaped here; each line
 * is a paragraph of its own because Plane shows line breaks as spaces.
 */
export function commentHtml(summary: string): string {
  const lines = summary.toWellFormed().split(LINE_BREAK).map(clean);
  return [...trimBlank(lines).map((line) => `<p>${escapeHtml(line)}</p>`), SIGNATURE].join('');
}

export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => ESCAPES[char] ?? char);

const clean = (line: string): string => line.replaceAll(CONTROL, '').trimEnd();

function trimBlank(lines: readonly string[]): readonly string[] {
  const isFilled = (line: string) => line.trim() !== '';
  const first = lines.findIndex(isFilled);
  return first < 0 ? [] : lines.slice(first, lines.findLastIndex(isFilled) + 1);
}

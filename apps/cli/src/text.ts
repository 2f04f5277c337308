import stringWidth from 'string-width';

/**
 * Controls that a terminal obeys, marks that reverse the order of what is read, and halves of characters. Text of
 * tickets, agents and people is hostile: shown as it is, it could move the cursor, set the title or hide itself.
 */
const HARMFUL =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

const escaped = (char: string): string => {
  const point = char.codePointAt(0) ?? 0;
  if (point <= 0xff) return `\\x${point.toString(16).padStart(2, '0')}`;
  return point <= 0xffff ? `\\u${point.toString(16).padStart(4, '0')}` : `\\u{${point.toString(16)}}`;
};

/** Lines of a text, each harmless on a terminal: what would be obeyed is shown as an escape. */
export const printable = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .replaceAll('\t', '    ')
    .split('\n')
    .map((line) => line.replace(HARMFUL, escaped))
    .join('\n');

/** The same on one line. */
export const oneLine = (text: string): string => printable(text.trim().replace(/\s+/g, ' '));

/** JSON that is harmless on a terminal, and the same JSON for a program. */
export const printableJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replace(HARMFUL, (char) =>
    char === '\n'
      ? char
      : Array.from({ length: char.length }, (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`).join(
          '',
        ),
  );

const characters = new Intl.Segmenter();

/** Columns that a text takes. Of a character that is nothing but joiners string-width does not know it, and throws. */
export function widthOf(text: string): number {
  try {
    return stringWidth(text);
  } catch {
    const all = Array.from(characters.segment(text), ({ segment }) => segment);
    return all.length < 2 ? 1 : all.reduce((sum, one) => sum + widthOf(one), 0);
  }
}

/** As much as fits, with an ellipsis in place of the rest. */
export function fit(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of characters.segment(text)) {
    used += widthOf(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return width < 1 ? '' : `${kept}…`;
}

export const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)));

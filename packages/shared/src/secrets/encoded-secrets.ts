import type { Span } from './spans.ts';

/** Lines of nothing but base64, as `base64` prints them, or one long word of it. */
const BASE64 = /(?<![\w+/-])[\w+/-]{20,}={0,2}(?:\r?\n[\w+/-]{20,}={0,2})*(?:\r?\n[\w+/-]{1,76}={0,2}(?![\w+/=-]))?/dg;
/** Longer than any key with its name around it; what is longer is a picture or an archive. */
const DECODED_MAX_CHARS = 64 * 1024;
// biome-ignore lint/suspicious/noControlCharactersInRegex: text has none of these
const NO_TEXT = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f\u007f\ufffd]/;

/** Where base64 stands that holds a secret once it is decoded. */
export function encodedSpans(text: string, hasSecret: (decoded: string) => boolean): Span[] {
  return [...text.matchAll(BASE64)].flatMap(({ indices, 0: encoded }): Span[] => {
    if (encoded.length > DECODED_MAX_CHARS || !isSecret(encoded, hasSecret)) return [];
    return indices?.[0] ? [indices[0]] : [];
  });
}

/** A line of something else that only looks alike may stand before. */
const FIRST_LINES = [0, 1, 2];

function isSecret(encoded: string, hasSecret: (decoded: string) => boolean): boolean {
  const lines = encoded.split(/\r?\n/);
  return FIRST_LINES.filter((first) => first < lines.length).some((first) => {
    const decoded = Buffer.from(lines.slice(first).join(''), 'base64').toString('utf8');
    return isText(decoded) && hasSecret(decoded);
  });
}

/** Its beginning decides: what follows may be an ordinary word that looked like the last line. */
const isText = (decoded: string): boolean => decoded.length >= 12 && !NO_TEXT.test(decoded.slice(0, 80));

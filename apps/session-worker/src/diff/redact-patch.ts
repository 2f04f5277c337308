import { cutSpans, secretSpans } from '@pco/shared/secrets';

/**
 * A patch without secrets. They are looked for in its lines as they stand in the file: with `+` or `-` before them, encoded
 * ones would be read as something else. What begins a line stays.
 */
export function redactPatch(patch: string): string {
  const lines = patch.split('\n');
  const spans = secretSpans(lines.map((line) => line.slice(1)).join('\n'));
  if (spans.length === 0) return patch;
  let begin = 0;
  const clean = lines.map((line) => {
    const end = begin + Math.max(0, line.length - 1);
    const own = spans.filter(([from, to]) => from < end && to > begin);
    const inLine = own.map(([from, to]) => [Math.max(from, begin) - begin + 1, Math.min(to, end) - begin + 1] as const);
    begin = end + 1;
    return cutSpans(line, inLine);
  });
  return clean.join('\n');
}

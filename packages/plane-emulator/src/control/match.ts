import { z } from 'zod';

/** Which requests a hold, a fault or a count is about. `pathPattern` is a regular expression over path and query. */
export const Matcher = z.strictObject({
  method: z.string().optional(),
  pathPattern: z
    .union([z.string(), z.instanceof(RegExp).transform((pattern) => pattern.source)])
    .refine(isPattern, 'not a regular expression')
    .optional(),
});
export type Matcher = z.input<typeof Matcher>;

function isPattern(source: string): boolean {
  try {
    return new RegExp(source) instanceof RegExp;
  } catch {
    return false;
  }
}

export function toPredicate(matcher: Matcher): (method: string, url: string) => boolean {
  const { method, pathPattern = '' } = Matcher.parse(matcher);
  const pattern = new RegExp(pathPattern);
  const wanted = method?.toUpperCase();
  return (given, url) => (wanted === undefined || wanted === given) && pattern.test(url);
}

import { encodedSpans } from './encoded-secrets.ts';
import { SECRET_KINDS } from './secret-kinds.ts';
import { mergeSpans, type Span } from './spans.ts';

export { mergeSpans, type Span } from './spans.ts';

export const REDACTED = '[redacted]';

/** Where secrets of usual kinds stand in a text, encoded ones included: in order, none touching another. */
export const secretSpans = (text: string): Span[] =>
  mergeSpans([...plainSpans(text), ...encodedSpans(text, (decoded) => plainSpans(decoded).length > 0)]);

const plainSpans = (text: string): Span[] =>
  SECRET_KINDS.flatMap((kind) =>
    [...text.matchAll(kind)].map(({ indices }) => indices?.groups?.secret ?? indices?.[0] ?? ([0, 0] as Span)),
  );

export const redactSecrets = (text: string): string => cutSpans(text, secretSpans(text));

/** @param spans in order, none touching another */
export function cutSpans(text: string, spans: readonly (readonly [from: number, to: number])[]): string {
  let clean = '';
  let at = 0;
  for (const [from, to] of spans) {
    clean += text.slice(at, from) + REDACTED;
    at = to;
  }
  return clean + text.slice(at);
}

/** Names whose value is a secret whatever it looks like. */
const SECRET_NAME =
  /(?:password|passwd|passphrase|secret|credential|api[_-]?key|access[_-]?key|auth[_-]?key|private[_-]?key|client[_-]?key|authorization|cookie)|(?:^|[_-])(?:token|pwd)$|[a-z]Token$/i;

/**
 * A value as JSON has it, such as a line of an agent's transcript, without secrets: in every text of it, in names as
 * well, and whatever stands under a name that says itself that it is one.
 */
export function redactJson(value: unknown): unknown {
  if (typeof value === 'string') return redactSecrets(value);
  if (Array.isArray(value)) return value.map(redactJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => [
      redactSecrets(name),
      typeof held === 'string' && held !== '' && SECRET_NAME.test(name) ? REDACTED : redactJson(held),
    ]),
  );
}

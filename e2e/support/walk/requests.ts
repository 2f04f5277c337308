import fc from 'fast-check';
import type { Document, Schema, WalkedOperation } from './document.ts';
import { type Known, valuesOf } from './from-schema.ts';

/** A request as it goes over the wire: nothing here is normalised. */
export interface WalkRequest {
  readonly operation: WalkedOperation;
  readonly fault: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Parts {
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly fault: string;
}

/** Wrong types, huge, unicode, traversal, injection: what a document never mentions and a network brings. */
const HOSTILE: readonly unknown[] = [
  ...[null, true, -1, 0, 1e308, 2 ** 53, 0.1, '', ' ', [], {}, [[[[]]]], { $ne: null }, ['ACME-1', 'ACME-2']],
  ...['../../etc/passwd', '..%2f..%2fetc%2fpasswd', '/etc/passwd\u0000.txt', 'C:\\windows', '%00', '%zz', '~root', '.'],
  ...[
    "' OR 1=1; --",
    '$(reboot)',
    '`id`',
    ';rm -rf /',
    '$' + '{jndi:ldap://x}',
    '{{7*7}}',
    '<script>alert(1)</script>',
  ],
  ...['\r\nSET x 1\r\n', '*1\r\n$4\r\nQUIT\r\n', 'EVAL "return 1" 0', 'pco:{x}', '#{pane_id}', '%begin 1 1 0'],
  ...['\u001b]52;c;aGk=\u0007', '\u202eexe.tset', '\ufeffACME-1', 'ＡＣＭＥ-1', 'acme-1', '\ud800', '𝒳'.repeat(300)],
  ...['-1', '1e999', 'NaN', 'undefined', '__proto__', 'constructor', 'true', '9'.repeat(400), 'x'.repeat(9_000)],
];
const hostile = fc.constantFrom(...HOSTILE);
const HUGE = 'x'.repeat(1_100_000);
const NESTED = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
const MALFORMED = [
  '{',
  '{"a":}',
  'null',
  '"text"',
  '[]',
  '{"__proto__":{"x":1}}',
  '{"a":1,"a":2}',
  '\u0000',
  NESTED,
  '',
];
const TYPES = [
  'text/plain',
  'application/xml',
  'multipart/form-data; boundary=x',
  'application/json; charset=utf-7',
  'x',
];
const HEADERS: readonly Readonly<Record<string, string>>[] = [
  { authorization: 'Bearer nobody' },
  { authorization: 'Basic YTpi' },
  { authorization: '' },
  { cookie: 'pco_session=forged' },
  { origin: 'http://elsewhere.example' },
  { host: 'elsewhere.example' },
  { 'last-event-id': "1-1' --" },
  { 'x-request-id': 'x'.repeat(4_000) },
  { accept: 'image/png' },
];

/** Requests of one operation, about half of them as its document wants them. */
export function requestsOf(operation: WalkedOperation, document: Document, known: Known): fc.Arbitrary<WalkRequest> {
  const { schemas } = document.components;
  const named = (place: string) => {
    const all = operation.parameters.filter((one) => one.in === place);
    const properties = Object.fromEntries(all.map(({ name, schema }) => [name, schema]));
    return valuesOf(
      { type: 'object', properties, required: place === 'path' ? Object.keys(properties) : [] },
      schemas,
      known,
    );
  };
  const bodySchema = Object.values(operation.requestBody?.content ?? {})[0]?.schema;
  const sound = fc
    .record({
      params: named('path'),
      query: named('query'),
      body: bodySchema ? valuesOf(bodySchema, schemas, known) : fc.constant(undefined),
    })
    .map((parts) => ({ ...parts, fault: 'none' }) as Parts); // records by construction
  const weight = (of: number, arbitrary: fc.Arbitrary<Parts>) => ({ weight: of, arbitrary });
  const faults = [
    weight(
      2,
      withFault(sound, 'query', (parts, value) => ({ query: { ...parts.query, [keyFor(parts.query, value)]: value } })),
    ),
    ...(Object.keys(operation.parameters.filter((one) => one.in === 'path')).length > 0
      ? [
          weight(
            2,
            withFault(sound, 'path', ({ params }, value) => ({ params: spoilt(params, value) })),
          ),
        ]
      : []),
    ...(bodySchema ? bodyFaults(sound) : []),
    weight(
      1,
      fc.tuple(sound, fc.constantFrom(...HEADERS)).map(([parts, headers]) => ({ ...parts, headers, fault: 'header' })),
    ),
  ];
  return fc.oneof(weight(faults.length + 3, sound), ...faults).map((parts) => onTheWire(operation, parts, bodySchema));
}

const withFault = (
  sound: fc.Arbitrary<Parts>,
  fault: string,
  spoil: (parts: Parts, value: unknown) => Partial<Parts>,
): fc.Arbitrary<Parts> =>
  fc.tuple(sound, hostile).map(([parts, value]) => ({ ...parts, ...spoil(parts, value), fault }));

const bodyFaults = (sound: fc.Arbitrary<Parts>) =>
  [
    withFault(sound, 'field', ({ body }, value) => ({ body: spoilt(body, value) })),
    withFault(sound, 'extra field', ({ body }, value) => ({ body: { ...(body as object), surprise: value } })), // null spreads to nothing
    withFault(sound, 'body', (_, value) => ({ body: value })),
    fc.tuple(sound, fc.constantFrom(...MALFORMED)).map(([parts, text]) => ({ ...parts, text, fault: 'text' })),
    fc
      .tuple(sound, fc.constantFrom(...TYPES))
      .map(([parts, type]) => ({ ...parts, headers: { 'content-type': type }, fault: 'media type' })),
    sound.map((parts) => ({ ...parts, text: JSON.stringify({ text: HUGE, summary: HUGE }), fault: 'huge' })),
  ].map((arbitrary, index) => ({ weight: index < 3 ? 2 : 1, arbitrary }));

const keyFor = (query: Parts['query'], value: unknown): string => Object.keys(query)[0] ?? `unknown${typeof value}`;

/** One of its fields, by the length of the value, is something else. */
function spoilt(record: unknown, value: unknown): Record<string, unknown> {
  const fields = { ...(record as Record<string, unknown>) }; // whatever it is, spreading gives a record
  const names = Object.keys(fields);
  const name = names[JSON.stringify(value).length % Math.max(1, names.length)];
  return name === undefined ? { surprise: value } : { ...fields, [name]: value };
}

/** `%` and what it stands for are both left to be tried: some of the hostile texts are encoded already. */
const encode = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.startsWith('%') || text.includes('%2f')
    ? text.replaceAll(/[^\w%.-]/g, '')
    : encodeURIComponent(text.toWellFormed());
};

function onTheWire(operation: WalkedOperation, parts: Parts, bodySchema: Schema | undefined): WalkRequest {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encode(parts.params[name] ?? '') || '-');
  const query = Object.entries(parts.query)
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => `${encode(name)}=${encode(one)}`))
    .join('&');
  const hasBody = bodySchema !== undefined;
  return {
    operation,
    fault: parts.fault,
    path: query === '' ? path : `${path}?${query}`,
    headers: { ...(hasBody ? { 'content-type': 'application/json' } : {}), ...parts.headers },
    ...(hasBody ? { body: parts.text ?? JSON.stringify(parts.body) ?? '' } : {}),
  };
}

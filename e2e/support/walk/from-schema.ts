import fc from 'fast-check';
import type { Schema } from './document.ts';

/** What real callers would put there: a name that exists reaches further than one that only looks right. */
export type Known = Readonly<Record<string, readonly string[]>>;

const MAX_DEPTH = 6;

/** Values that a schema allows. */
export function valuesOf(
  schema: Schema,
  schemas: Readonly<Record<string, Schema>>,
  known: Known,
): fc.Arbitrary<unknown> {
  const of = (given: Schema, name: string, depth: number): fc.Arbitrary<unknown> => {
    if (depth > MAX_DEPTH) return fc.constant(null);
    const reference = typeof given.$ref === 'string' ? schemas[given.$ref.split('/').at(-1) ?? ''] : undefined;
    if (reference) return of(reference, name, depth + 1);
    if ('const' in given) return fc.constant(given.const);
    if (Array.isArray(given.enum)) return fc.constantFrom(...given.enum);
    const either = [given.anyOf, given.oneOf].find(Array.isArray);
    if (either) return fc.oneof(...either.map((one: Schema) => of(one, name, depth + 1)));
    switch (Array.isArray(given.type) ? given.type[0] : given.type) {
      case 'string':
        return texts(given, known[name]);
      case 'integer':
      case 'number':
        return numbers(given);
      case 'boolean':
        return fc.boolean();
      case 'null':
        return fc.constant(null);
      case 'array':
        return fc.array(of((given.items ?? {}) as Schema, name, depth + 1), { maxLength: 3 }); // of every list
      case 'object':
        return objects(given, (one, key) => of(one, key, depth + 1));
      default:
        return fc.jsonValue({ maxDepth: 2 });
    }
  };
  return of(schema, '', 0);
}

function texts({ minLength, maxLength, pattern, format }: Schema, known: readonly string[] = []): fc.Arbitrary<string> {
  const length = { minLength: Number(minLength ?? 0), maxLength: Math.min(Number(maxLength ?? 60), 60) };
  const made =
    typeof pattern === 'string'
      ? fc.stringMatching(new RegExp(pattern))
      : format === 'date-time'
        ? fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => date.toISOString())
        : fc.string({ ...length, unit: 'grapheme' });
  return known.length > 0
    ? fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: made })
    : made;
}

/** Small ones: a number that is a time to wait would be waited for. */
function numbers({ minimum, maximum, type }: Schema): fc.Arbitrary<number> {
  const min = Number(minimum ?? 0);
  const max = Math.min(Number(maximum ?? min + 2), min + 2);
  return type === 'integer' ? fc.integer({ min, max }) : fc.constantFrom(min, (min + max) / 2, max);
}

function objects(
  { properties = {}, required = [], additionalProperties }: Schema,
  of: (schema: Schema, name: string) => fc.Arbitrary<unknown>,
): fc.Arbitrary<object> {
  const entries = Object.entries(properties as Readonly<Record<string, Schema>>); // of every object schema
  const model = Object.fromEntries(entries.map(([name, schema]) => [name, of(schema, name)]));
  const named = fc.record(model, { requiredKeys: (required as string[]).filter((name) => name in model) });
  if (entries.length > 0 || typeof additionalProperties !== 'object') return named;
  return fc.dictionary(fc.string({ maxLength: 20 }), of(additionalProperties as Schema, ''), { maxKeys: 3 });
}

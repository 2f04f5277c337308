import { basename } from 'node:path';
import { isNode, isScalar, type LineCounter, type Document as YamlDocument } from 'yaml';
import { z } from 'zod';

/** Where the parts of a configuration come from. */
export interface Origin {
  readonly file: string | undefined;
  readonly document: YamlDocument | undefined;
  readonly lines: LineCounter;
  /** What a variable or the command line has set, by the path of its key: `PCO_API_PORT`, `--set api.port`. */
  readonly overrides: ReadonlyMap<string, string>;
}

/** A fault begins with the path of its key. */
const FAULT = /^([\w.-]+|the file): (?:unknown key "([^"]+)")?/;

/** The same faults, each with the place where a person mends it. */
export const withPlaces = (faults: readonly string[], origin: Origin): string[] =>
  faults.map((fault) => {
    const [, path = '', unknown] = FAULT.exec(fault) ?? [];
    const parts = [...(path === 'the file' ? [] : path.split('.')), ...(unknown === undefined ? [] : [unknown])];
    const place = placeOf(parts, origin);
    return place ? `${fault} (${place})` : fault;
  });

function placeOf(path: readonly string[], { file, document, lines, overrides }: Origin): string | undefined {
  const override = overrides.get(path.join('.'));
  if (override) return override;
  if (!file || !document) return undefined;
  // what is missing has no place of its own: the section where it belongs has
  for (let length = path.length; length > 0; length -= 1) {
    const offset = offsetOf(document, path.slice(0, length));
    if (offset !== undefined) return `${basename(file)}:${lines.linePos(offset).line}`;
  }
  return undefined;
}

function offsetOf(document: YamlDocument, path: readonly string[]): number | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const name = path.at(-1);
  if (isNode(parent) && 'items' in parent && Array.isArray(parent.items))
    for (const item of parent.items as { key?: unknown }[]) // pairs of a mapping, or nodes of a list
      if (isScalar(item.key) && String(item.key.value) === name) return item.key.range?.[0];
  const node = document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}

// --- did you mean ----------------------------------------------------------------------------------------------

/** The one that was meant, if one is near enough. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const lower = given.toLowerCase().replaceAll('-', '_');
  const [best] = known
    .map((name) => ({ name, distance: distance(lower, name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  return best && best.distance <= Math.max(1, Math.floor(given.length / 3)) ? best.name : undefined;
}

export const didYouMean = (name: string | undefined): string => (name === undefined ? '' : `; did you mean ${name}?`);

/** The names that may stand at a path of the schema. */
export function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const inner = unwrap(schema);
  const [name, ...rest] = path;
  if (name === undefined) return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
  if (inner instanceof z.ZodObject) {
    const child: unknown = inner.shape[String(name)];
    return child instanceof z.ZodType ? keysAt(child, rest) : [];
  }
  if (inner instanceof z.ZodRecord) return keysAt(inner.valueType as z.ZodType, rest); // classic schemas only
  if (inner instanceof z.ZodUnion)
    return inner.options.flatMap((option) => (option instanceof z.ZodType ? keysAt(option, path) : []));
  return [];
}

/** The schema behind defaults and `optional`. */
export function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional)
    return unwrap(schema.unwrap() as z.ZodType); // these wrappers hold classic schemas only, as this folder builds them
  return schema;
}

/** Levenshtein: how many letters to change, add or leave out. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

import { parseArgs } from 'node:util';
import { z } from 'zod';
import { didYouMean, nearest, unwrap } from './explain.ts';
import { ConfigSchema } from './schema.ts';
import { preferVariables, sectionOf } from './secret-files.ts';

/** Environment variable → path in the file, for every key that is not a nested mapping. */
export const ENVIRONMENT: ReadonlyMap<string, readonly string[]> = new Map(
  leaves(ConfigSchema, []).map((path) => [`PCO_${path.join('_').toUpperCase()}`, path]),
);

function leaves(schema: z.ZodType, path: readonly string[]): string[][] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject)
    return Object.entries(inner.shape).flatMap(([name, child]) => leaves(child as z.ZodType, [...path, name]));
  return inner instanceof z.ZodRecord ? [] : [[...path]];
}

/** @returns which variable has set which key */
export function applyEnvironment(
  tree: Record<string, unknown>,
  env: Readonly<Record<string, string | undefined>>,
): Map<string, string> {
  const overrides = new Map<string, string>();
  for (const [name, path] of ENVIRONMENT) {
    const text = env[name];
    if (text === undefined || text === '') continue;
    setAt(tree, path, fromText(path, text));
    overrides.set(path.join('.'), name);
  }
  preferVariables(tree, env);
  if (env.PCO_WEBHOOKS_SECRETS) delete sectionOf(tree, 'webhooks').secrets_file;
  else if (env.PCO_WEBHOOKS_SECRETS_FILE) delete sectionOf(tree, 'webhooks').secrets;
  return overrides;
}

/** `--set KEY=VALUE`, as often as wanted. */
export function applySettings(
  tree: Record<string, unknown>,
  argv: readonly string[],
  overrides: Map<string, string>,
): string[] {
  const options = { set: { type: 'string', multiple: true } } as const;
  const { values } = parseArgs({ args: [...argv], options, strict: false });
  const known = [...ENVIRONMENT.values()].map((path) => path.join('.'));
  return (values.set ?? []).flatMap((setting) => {
    const [, key = '', text] = /^([^=]*)=(.*)$/s.exec(String(setting)) ?? [];
    if (text === undefined) return [`--set: KEY=VALUE is needed, for example --set api.port=6000`];
    if (!known.includes(key)) return [`${key}: there is no such key${didYouMean(nearest(key, known))}`];
    const path = key.split('.');
    setAt(tree, path, fromText(path, text));
    overrides.set(key, `--set ${key}`);
    return [];
  });
}

function fromText(path: readonly string[], text: string): unknown {
  const leaf = leafSchema(path);
  if (leaf instanceof z.ZodArray) return text.split(',').map((item) => item.trim());
  const takesBoolean = leaf instanceof z.ZodBoolean || leaf instanceof z.ZodUnion;
  return takesBoolean && /^(true|false)$/i.test(text) ? text.toLowerCase() === 'true' : text;
}

const leafSchema = (path: readonly string[]): z.ZodType =>
  path.reduce<z.ZodType>((schema, name) => {
    const object = unwrap(schema);
    // `path` was made from these very objects, so every step but the last is one
    return unwrap((object as z.ZodObject).shape[name] as z.ZodType);
  }, ConfigSchema);

function setAt(tree: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    tree[name] = value;
    return;
  }
  const child = tree[name];
  const branch = typeof child === 'object' && child !== null ? (child as Record<string, unknown>) : {};
  tree[name] = branch;
  setAt(branch, rest, value);
}

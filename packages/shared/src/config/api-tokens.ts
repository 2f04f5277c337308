import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import type { z } from 'zod';
import { ApiTokens } from './api-section.ts';

/** What `api.tokens_file` names, beside the faults in it. */
export function readApiTokens(file: unknown, base: string): { tokens: z.output<typeof ApiTokens>; faults: string[] } {
  if (typeof file !== 'string') return { tokens: {}, faults: [] };
  const path = resolve(base, file);
  const fault = (why: string) => ({ tokens: {}, faults: [`api.tokens_file: ${path} ${why}`] });
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return fault('cannot be read');
  }
  const parsed = ApiTokens.safeParse(readYaml(text));
  if (!parsed.success) {
    const [first] = parsed.error.issues;
    return fault(`${first?.path.join('.') || 'must hold a mapping of names'}: ${first?.message ?? 'is not valid'}`);
  }
  return Object.keys(parsed.data).length === 0 ? fault('is empty') : { tokens: parsed.data, faults: [] };
}

function readYaml(text: string): unknown {
  try {
    return parseYaml(text);
  } catch {
    return undefined;
  }
}

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

type Tree = Record<string, unknown>;

/** Keys that hold one secret, each of which may stand in a file of its own: the key with `_file` names it. */
export const SECRETS = [
  ['plane', 'api_token'],
  ['tmux_session_service', 'token'],
  ['tmux_session_service', 'view_token'],
  ['api', 'token'],
  ['session_worker', 'token'],
  ['transcription', 'token'],
  ['redis', 'url'],
  ['redis', 'password'],
  ['redis', 'sentinel_password'],
] as const;

/** A secret and the file that holds it are one setting: a variable for either replaces both of the configuration. */
export function preferVariables(tree: Tree, env: Readonly<Record<string, string | undefined>>): void {
  for (const [section, key] of SECRETS) {
    const name = `PCO_${section}_${key}`.toUpperCase();
    if (env[name]) delete sectionOf(tree, section)[`${key}_file`];
    else if (env[`${name}_FILE`]) delete sectionOf(tree, section)[key];
  }
}

/** Puts the content of secret files in their keys' places, for the schema to judge. @returns faults */
export function readSecretFiles(tree: Tree, base: string): string[] {
  return SECRETS.flatMap(([name, key]) => {
    const section = sectionOf(tree, name);
    const file = section[`${key}_file`];
    if (typeof file !== 'string' || file === '') return [];
    const path = resolve(base, file);
    try {
      const text = readFileSync(path, 'utf8').trim();
      if (text === '') return [`${name}.${key}_file: ${path} is empty`];
      section[key] = text;
      return [];
    } catch {
      return [`${name}.${key}_file: ${path} cannot be read`];
    }
  });
}

/** A mapping that YAML made; anything else is the schema's to refuse. */
export const sectionOf = (tree: Tree, name: string): Tree => {
  const section = tree[name];
  return typeof section === 'object' && section !== null ? (section as Tree) : {};
};

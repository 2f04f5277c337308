import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { SECRETS } from '@pco/shared/config';
import { redactSecrets } from '@pco/shared/secrets';
import { type Document, isMap, isPair, isScalar, parseDocument, visit } from 'yaml';

/** Keys that hold a secret in the clear, or may: those of people's own programs are not ours to judge. */
const SECRET_PATHS = [...SECRETS, ['webhooks', 'secrets']] as const;
const SECRET_MAPS = new Set(['env', 'headers']); // of MCP servers
const FILE_KEYS = new Set(['secrets_file', 'tokens_file', ...SECRETS.map(([, key]) => `${key}_file`)]);
const OTHER_FILES = /^(?:prompt_template|ca_file)$/;

/**
 * Copies the configuration and the files that it names. Without secrets, unless they are asked for: their keys are taken
 * out, so that a restored file says by itself what is missing.
 *
 * @returns the keys that were left out
 */
export function copyConfig(file: string, to: string, withSecrets: boolean): string[] {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  const text = readFileSync(file, 'utf8');
  const document = parseDocument(text);
  const named = filesIn(document);
  const wanted = named.filter(({ key }) => withSecrets || !FILE_KEYS.has(key));
  for (const { path } of wanted) copyNamed(resolve(dirname(file), path), join(to, 'files', encodeURIComponent(path)));
  const leftOut = withSecrets ? [] : takeOut(document);
  const kept = withSecrets ? text : redactSecrets(document.toString());
  writeFileSync(join(to, 'config.yaml'), kept, { mode: 0o600 });
  return [...leftOut, ...named.filter((one) => !wanted.includes(one)).map(({ key, path }) => `${key}: ${path}`)];
}

/** Puts the configuration and what it names where they were, over nothing that is there. @returns what was written */
export function restoreConfig(from: string, file: string): string[] {
  const written: string[] = [];
  const put = (source: string, target: string) => {
    if (existsSync(target) || !existsSync(source)) return;
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(source, target);
    written.push(target);
  };
  put(join(from, 'config.yaml'), file);
  for (const { path } of filesIn(parseDocument(readFileSync(join(from, 'config.yaml'), 'utf8'))))
    put(join(from, 'files', encodeURIComponent(path)), resolve(dirname(file), path));
  return written;
}

interface Named {
  readonly key: string;
  readonly path: string;
}

function filesIn(document: Document): Named[] {
  const found: Named[] = [];
  visit(document, {
    Pair(_, { key, value }) {
      if (!isScalar(key) || !isScalar(value) || typeof value.value !== 'string') return;
      const name = String(key.value);
      if (FILE_KEYS.has(name) || OTHER_FILES.test(name)) found.push({ key: name, path: value.value });
    },
  });
  return found;
}

/** A file that is not there, or that we may not read, is somebody else's to keep: systemd's credentials, for example. */
function copyNamed(source: string, target: string): void {
  if (!existsSync(source)) return;
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  copyFileSync(source, target);
}

function takeOut(document: Document): string[] {
  const given = SECRET_PATHS.filter((path) => document.hasIn(path));
  for (const path of given) document.deleteIn(path);
  const leftOut = given.map((path) => path.join('.'));
  visit(document, {
    Pair(_, pair, ancestors) {
      const name = isScalar(pair.key) ? String(pair.key.value) : '';
      if (!SECRET_MAPS.has(name) || !isMap(pair.value) || !isInMcp(ancestors)) return;
      leftOut.push(`mcp_servers … ${name}`);
      return visit.REMOVE;
    },
  });
  return leftOut;
}

const isInMcp = (ancestors: readonly unknown[]): boolean =>
  ancestors.some((one) => isPair(one) && isScalar(one.key) && one.key.value === 'mcp_servers');

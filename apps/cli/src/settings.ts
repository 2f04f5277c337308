import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { CliFailure, EXIT, usage } from './failure.ts';

export const DEFAULT_URL = 'http://127.0.0.1:5002';

/** Where the api is and who we are to it. */
export interface Settings {
  readonly url: string;
  readonly token: string | undefined;
  /** What should be told to whoever gave these. */
  readonly warnings: readonly string[];
}

export interface SettingsSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly url?: string | undefined;
  readonly token?: string | undefined;
  readonly tokenFile?: string | undefined;
}

const File = z.strictObject({
  url: z.string().optional(),
  token: z.string().optional(),
  token_file: z.string().optional(),
});

export const settingsFile = (env: SettingsSource['env']): string =>
  env.PCO_CLI_CONFIG ?? join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'pco', 'cli.yaml');

/** Option before variable before file before default; for a token, of the same rank, the token before its file. */
export function readSettings(source: SettingsSource): Settings {
  const { env } = source;
  const path = settingsFile(env);
  const file = readFile(path);
  const warnings: string[] = [];
  if (source.token)
    warnings.push(
      'a token on the command line is seen by everybody on this machine (ps) and stays in the history; use PCO_API_TOKEN or --token-file',
    );
  if (file.token) warnOfReaders(path, warnings);
  const url = checkedUrl(source.url ?? (env.PCO_API_URL || file.url) ?? DEFAULT_URL);
  const fromFile = (name: string): string => readToken(name, warnings);
  const token =
    source.token ||
    (source.tokenFile && fromFile(source.tokenFile)) ||
    env.PCO_API_TOKEN ||
    (env.PCO_API_TOKEN_FILE && fromFile(env.PCO_API_TOKEN_FILE)) ||
    file.token ||
    (file.token_file && fromFile(resolve(dirname(path), file.token_file))) ||
    undefined;
  if (token !== undefined && /[^\x21-\x7e]/.test(token))
    throw usage('the token holds a space, a line break or a character that no token has');
  if (token && url.protocol === 'http:' && !isLoopback(url.hostname))
    warnings.push(`the token goes unencrypted to ${url.host}; use https`);
  return { url: url.href.replace(/\/+$/, ''), token, warnings };
}

function readFile(path: string): z.output<typeof File> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return {};
  }
  try {
    return File.parse(parse(text) ?? {});
  } catch (err) {
    const why = err instanceof z.ZodError ? err.issues.map(({ message }) => message).join('; ') : 'it is not YAML';
    throw usage(`${path}: ${why}. It may hold url, token_file and token`);
  }
}

function readToken(path: string, warnings: string[]): string {
  let token: string;
  try {
    token = readFileSync(path, 'utf8').trim();
  } catch (err) {
    throw new CliFailure(
      EXIT.usage,
      `the token file ${path} cannot be read: ${err instanceof Error ? err.message : err}`,
    );
  }
  if (token === '') throw usage(`the token file ${path} is empty`);
  warnOfReaders(path, warnings);
  return token;
}

function warnOfReaders(path: string, warnings: string[]): void {
  const { mode } = statSync(path);
  if ((mode & 0o077) !== 0) warnings.push(`others on this machine can read ${path}; chmod 600 it`);
}

function checkedUrl(text: string): URL {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (!url || !/^https?:$/.test(url.protocol)) throw usage(`"${text}" is no address of an api, such as ${DEFAULT_URL}`);
  if (url.username || url.password) throw usage('name and password in the address are not sent; the api takes a token');
  if (url.search || url.hash) throw usage(`"${text}": the address of the api has neither query nor fragment`);
  return url;
}

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);

import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parse as parseYaml, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { AppError, messageOf } from '../errors.ts';
import { readApiTokens } from './api-tokens.ts';
import { type Config, ConfigSchema } from './schema.ts';

export interface Source {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly argv: readonly string[];
  readonly cwd: string;
}

/**
 * The configuration of every service: command line over environment over file over default (B-044).
 *
 * Every scalar and list key can be set by a variable named after its path, `plane.api_token` by
 * `PCO_PLANE_API_TOKEN`; lists are comma-separated.
 *
 * @throws AppError CONFIG_INVALID naming every fault at once, one per line of `details.faults`
 */
export function readConfig(source: Source): Config {
  const file = configFile(source);
  const tree = file === undefined ? {} : readYaml(file);
  applyEnvironment(tree, source.env);
  const base = file === undefined ? source.cwd : dirname(file);
  const token = readToken(tree, base);
  const secrets = readSecrets(tree, base);
  const tokens = readApiTokens(sectionOf(tree, 'api').tokens_file, base);
  const parsed = ConfigSchema.safeParse(tree, { reportInput: false });
  const faults = [
    ...(parsed.error?.issues.map(fault) ?? []),
    ...token.faults,
    ...secrets.faults,
    ...tokens.faults,
    ...missingProjects(tree),
  ];
  if (!parsed.success || faults.length > 0) throw invalid(file, faults);
  if (token.text !== undefined) parsed.data.plane.api_token = token.text;
  parsed.data.webhooks.secrets.push(...secrets.lines);
  Object.assign(parsed.data.api.tokens, tokens.tokens);
  return resolvePaths(parsed.data, base);
}

/** The file named by --config, then by PCO_CONFIG, then config.yaml if it is there. */
export function configFile({ env, argv, cwd }: Source): string | undefined {
  const { values } = parseArgs({ args: [...argv], options: { config: { type: 'string' } }, strict: false });
  const named = (typeof values.config === 'string' ? values.config : undefined) ?? env.PCO_CONFIG;
  const path = resolve(cwd, named || 'config.yaml');
  if (existsSync(path)) return path;
  if (named) throw invalid(path, ['there is no such file; `npm run init` writes one']);
  return undefined;
}

function readYaml(file: string): Record<string, unknown> {
  try {
    const tree: unknown = parseYaml(readFileSync(file, 'utf8'));
    return z.record(z.string(), z.unknown()).parse(tree ?? {});
  } catch (err) {
    if (err instanceof YAMLParseError) throw invalid(file, [err.message]);
    throw invalid(file, [err instanceof z.ZodError ? 'it must hold a mapping of sections' : messageOf(err)]);
  }
}

/** What the schema cannot say is asked of the tree itself, so that its faults stand beside those of the schema. */
function readToken(tree: Record<string, unknown>, base: string): { text?: string; faults: string[] } {
  const { api_token, api_token_file } = sectionOf(tree, 'plane');
  const missing = 'plane.api_token: missing; set it, plane.api_token_file or PCO_PLANE_API_TOKEN';
  if (typeof api_token_file !== 'string') return { faults: api_token === undefined ? [missing] : [] };
  const path = resolve(base, api_token_file);
  try {
    const text = readFileSync(path, 'utf8').trim();
    return text === '' ? { faults: [`plane.api_token: missing; ${path} is empty`] } : { text, faults: [] };
  } catch {
    return { faults: [`plane.api_token_file: ${path} cannot be read`] };
  }
}

/** As short as the schema lets one be that stands in the configuration itself. */
const SECRET_MIN = 16;

function readSecrets(tree: Record<string, unknown>, base: string): { lines: string[]; faults: string[] } {
  const { secrets_file } = sectionOf(tree, 'webhooks');
  if (typeof secrets_file !== 'string') return { lines: [], faults: [] };
  const path = resolve(base, secrets_file);
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    const secrets = lines.map((line) => line.trim()).filter((line) => line !== '');
    if (secrets.length === 0) return { lines: [], faults: [`webhooks.secrets_file: ${path} is empty`] };
    const isShort = secrets.some(({ length }) => length < SECRET_MIN);
    return {
      lines: secrets,
      faults: isShort ? [`webhooks.secrets_file: ${path}: at least ${SECRET_MIN} characters a line`] : [],
    };
  } catch {
    return { lines: [], faults: [`webhooks.secrets_file: ${path} cannot be read`] };
  }
}

function missingProjects(tree: Record<string, unknown>): string[] {
  const ids = sectionOf(tree, 'plane').project_ids ?? [];
  const isEmpty = Array.isArray(ids) && ids.length === 0 && Object.keys(sectionOf(tree, 'projects')).length === 0;
  return isEmpty ? ['plane.project_ids: name at least one project (`npm run doctor` lists them)'] : [];
}

const sectionOf = (tree: Record<string, unknown>, name: string): Record<string, unknown> => {
  const section = tree[name];
  // an object that YAML made; anything else is the schema's to refuse
  return typeof section === 'object' && section !== null ? (section as Record<string, unknown>) : {};
};

function resolvePaths(config: Config, base: string): Config {
  const { automation } = config;
  config.data_dir = absolute(base, config.data_dir);
  automation.worktree_root = absolute(base, automation.worktree_root ?? resolve(config.data_dir, 'worktrees'));
  if (automation.signal_dir) automation.signal_dir = absolute(base, automation.signal_dir);
  for (const section of [automation, ...Object.values(config.projects)]) {
    if (section.repo_path !== undefined) section.repo_path = absolute(base, section.repo_path);
    if (section.prompt_template !== undefined) section.prompt_template = absolute(base, section.prompt_template);
  }
  if (config.logging.file) config.logging.file = absolute(base, config.logging.file);
  return config;
}

const absolute = (base: string, path: string): string => (isAbsolute(path) ? path : resolve(base, path));

// --- environment -----------------------------------------------------------------------------------------------

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

function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional)
    return unwrap(schema.unwrap() as z.ZodType); // these wrappers hold classic schemas only, as this file builds them
  return schema;
}

function applyEnvironment(tree: Record<string, unknown>, env: Source['env']): void {
  for (const [name, path] of ENVIRONMENT) {
    const text = env[name];
    if (text !== undefined && text !== '') setAt(tree, path, fromText(path, text));
  }
  // the token and the file that holds it are one setting: a variable for either replaces both of the file
  if (env.PCO_PLANE_API_TOKEN) delete sectionOf(tree, 'plane').api_token_file;
  else if (env.PCO_PLANE_API_TOKEN_FILE) delete sectionOf(tree, 'plane').api_token;
  if (env.PCO_WEBHOOKS_SECRETS) delete sectionOf(tree, 'webhooks').secrets_file;
  else if (env.PCO_WEBHOOKS_SECRETS_FILE) delete sectionOf(tree, 'webhooks').secrets;
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

// --- faults ----------------------------------------------------------------------------------------------------

const fault = (issue: z.core.$ZodIssue): string => {
  const where = issue.path.join('.') || 'the file';
  if (issue.code === 'unrecognized_keys') return `${where}: unknown key ${issue.keys.map((k) => `"${k}"`).join(', ')}`;
  return `${where}: ${issue.message.replace('Invalid input: ', '')}`;
};

function invalid(file: string | undefined, faults: string[]): AppError {
  const why = `${file ?? 'no file, environment only'}\n${faults.map((line) => `  - ${line}`).join('\n')}`;
  return new AppError('CONFIG_INVALID', { why, faults });
}

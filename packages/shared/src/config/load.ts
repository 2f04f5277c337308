import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { AppError, messageOf } from '../errors.ts';
import { readApiTokens } from './api-tokens.ts';
import { didYouMean, keysAt, nearest, type Origin, withPlaces } from './explain.ts';
import { applyEnvironment, applySettings } from './overrides.ts';
import { unreadableAuthorities } from './redis-section.ts';
import { type Config, ConfigSchema } from './schema.ts';
import { readSecretFiles, sectionOf } from './secret-files.ts';

export interface Source {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly argv: readonly string[];
  readonly cwd: string;
}

/**
 * The configuration of every service: command line over environment over file over default (B-044).
 *
 * Every scalar and list key can be set by a variable named after its path, `plane.api_token` by
 * `PCO_PLANE_API_TOKEN`, or with `--set plane.api_token=…`; lists are comma-separated.
 *
 * @throws AppError CONFIG_INVALID naming every fault at once with its place, one per line of `details.faults`
 */
export function readConfig(source: Source): Config {
  const reading = readTree(source);
  const { tree, base } = reading;
  const unread = readSecretFiles(tree, base);
  const secrets = readSecrets(tree, base);
  const tokens = readApiTokens(sectionOf(tree, 'api').tokens_file, base);
  const config = judge(ConfigSchema, reading, [
    ...unread,
    ...missingToken(tree),
    ...secrets.faults,
    ...tokens.faults,
    ...missingProjects(tree),
    ...unreadableAuthorities(sectionOf(tree, 'redis').ca_file, base),
  ]);
  config.webhooks.secrets.push(...secrets.lines);
  Object.assign(config.api.tokens, tokens.tokens);
  return resolvePaths(config, base);
}

/**
 * The same of a few sections, for a service that is not to know the others: what stands in them is neither judged nor
 * kept.
 *
 * @param check what the schema cannot say, asked of the sections as they were written
 * @throws AppError CONFIG_INVALID as above
 */
export function readSections<Name extends keyof Config>(
  source: Source,
  names: readonly Name[],
  check: (tree: Readonly<Record<string, unknown>>) => string[],
): Pick<Config, Name> {
  const whole = readTree(source);
  const tree = Object.fromEntries(names.flatMap((name) => (name in whole.tree ? [[name, whole.tree[name]]] : [])));
  const unread = readSecretFiles(tree, whole.base);
  const schema = z.object(Object.fromEntries(names.map((name) => [name, ConfigSchema.shape[name]])));
  // the schema was made of these very names
  const sections = judge(schema, { ...whole, tree }, [...unread, ...check(tree)]) as unknown as Pick<Config, Name>;
  return hasDataDir(sections) ? { ...sections, data_dir: absolute(whole.base, sections.data_dir) } : sections;
}

const hasDataDir = (sections: object): sections is Pick<Config, 'data_dir'> => 'data_dir' in sections;

interface Reading {
  readonly file: string | undefined;
  /** What relative paths count from. */
  readonly base: string;
  readonly tree: Record<string, unknown>;
  readonly origin: Origin;
  /** What the command line names and does not exist. */
  readonly unknown: readonly string[];
}

/** The file, and over it what the environment and the command line say. */
function readTree(source: Source): Reading {
  const file = configFile(source);
  const lines = new LineCounter();
  const { tree, document } = file === undefined ? { tree: {}, document: undefined } : readYaml(file, lines);
  const overrides = applyEnvironment(tree, source.env);
  const unknown = applySettings(tree, source.argv, overrides);
  const base = file === undefined ? source.cwd : dirname(file);
  return { file, base, tree, unknown, origin: { file, document, lines, overrides } };
}

function judge<Schema extends z.ZodType>(
  schema: Schema,
  { file, tree, unknown, origin }: Reading,
  more: readonly string[],
): z.output<Schema> {
  const parsed = schema.safeParse(tree, { reportInput: false });
  const faults = [...unknown, ...(parsed.error?.issues.map((issue) => fault(issue, tree)) ?? []), ...more];
  if (!parsed.success || faults.length > 0) throw invalid(file, withPlaces(faults, origin));
  return parsed.data;
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

function readYaml(file: string, lineCounter: LineCounter) {
  try {
    const document = parseDocument(readFileSync(file, 'utf8'), { lineCounter });
    const [error] = document.errors;
    if (error) throw invalid(file, [error.message]);
    return { document, tree: z.record(z.string(), z.unknown()).parse(document.toJS() ?? {}) };
  } catch (err) {
    if (err instanceof AppError) throw err;
    throw invalid(file, [err instanceof z.ZodError ? 'it must hold a mapping of sections' : messageOf(err)]);
  }
}

/** What the schema cannot say is asked of the tree itself, so that its faults stand beside those of the schema. */
function missingToken(tree: Record<string, unknown>): string[] {
  const { api_token, api_token_file } = sectionOf(tree, 'plane');
  const isGiven = api_token !== undefined || api_token_file !== undefined;
  return isGiven ? [] : ['plane.api_token: missing; set it, plane.api_token_file or PCO_PLANE_API_TOKEN'];
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

function resolvePaths(config: Config, base: string): Config {
  const { automation, runner } = config;
  config.data_dir = absolute(base, config.data_dir);
  automation.worktree_root = absolute(base, automation.worktree_root ?? resolve(config.data_dir, 'worktrees'));
  if (runner.drain_file !== undefined) runner.drain_file = absolute(base, runner.drain_file);
  if (automation.signal_dir) automation.signal_dir = absolute(base, automation.signal_dir);
  for (const section of [automation, ...Object.values(config.projects)]) {
    if (section.repo_path !== undefined) section.repo_path = absolute(base, section.repo_path);
    if (section.prompt_template !== undefined) section.prompt_template = absolute(base, section.prompt_template);
  }
  if (config.redis.ca_file) config.redis.ca_file = absolute(base, config.redis.ca_file);
  if (config.logging.file) config.logging.file = absolute(base, config.logging.file);
  return config;
}

const absolute = (base: string, path: string): string => (isAbsolute(path) ? path : resolve(base, path));

// --- faults ----------------------------------------------------------------------------------------------------

function fault(issue: z.core.$ZodIssue, tree: Record<string, unknown>): string {
  const where = issue.path.join('.') || 'the file';
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(ConfigSchema, issue.path);
    const keys = issue.keys.map((key) => `"${key}"${didYouMean(nearest(key, known))}`);
    return `${where}: unknown key ${keys.join(', ')}`;
  }
  const message = issue.message.replace('Invalid input: ', '');
  return `${where}: ${message}${issue.code === 'invalid_value' ? didYouMean(meant(issue, tree)) : ''}`;
}

/** Of what may stand there; never what does stand there, which may be a secret in the wrong place. */
function meant({ path, values }: z.core.$ZodIssueInvalidValue, tree: unknown): string | undefined {
  const given = path.reduce<unknown>((at, name) => (Object(at) as Record<PropertyKey, unknown>)[name], tree); // any value has properties, or none
  return typeof given === 'string' ? nearest(given, values.map(String)) : undefined;
}

function invalid(file: string | undefined, faults: string[]): AppError {
  const why = `${file ?? 'no file, environment only'}\n${faults.map((line) => `  - ${line}`).join('\n')}`;
  return new AppError('CONFIG_INVALID', { why, faults });
}

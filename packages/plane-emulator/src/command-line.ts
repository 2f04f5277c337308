import { parseArgs } from 'node:util';
import type { EmulatorOptions, Seed } from './emulator.ts';
import { readSeed } from './seed.ts';

export const USAGE = `A Plane of one workspace in memory: its REST API, its webhooks, and a page to act in it as a person.

usage: npm run plane-emulator -- [options]

  --port N             port to listen on, 0 for a free one (default 5100)
  --host ADDRESS       default 127.0.0.1
  --slug NAME          workspace (default demo)
  --key TOKEN          API key of the service account
  --project IDENT      a project to begin with; may be given again (default ACME)
  --items N            work items in each of them (default 3)
  --seed FILE          begins with what this JSON file says: {projects, items, settings, webhooks}
  --rate-limit N       requests per minute and key, as Plane's 60 (default: none)
  --webhook URL        sends webhooks there
  --webhook-secret S   signs them with it
  --state FILE         keeps the world there over restarts
  --log FILE           appends every request as a line of JSON
  --open-control       lets whoever reaches it act as a person, not only this machine: for a container
  --help

What tests set with EMULATOR_… variables is described in packages/plane-emulator/README.md.
`;

/** What is wrong with the arguments, for a person. */
export class UsageError extends Error {}

export interface CommandLine {
  readonly options: EmulatorOptions;
  readonly items: number;
  readonly webhook: { readonly url: string; readonly secret?: string } | undefined;
}

/**
 * @returns null when help was asked for
 * @throws UsageError
 */
export function readCommandLine(args: readonly string[]): CommandLine | null {
  const values = parse(args);
  if (values.help) return null;
  const limit = values['rate-limit'] === undefined ? null : whole('rate-limit', values['rate-limit'], 1);
  const projects = (values.project ?? ['ACME']).map((identifier) => {
    if (!/^[A-Z][A-Z0-9]{0,11}$/.test(identifier))
      throw new UsageError(`--project ${identifier}: 1 to 12 capital letters and digits`);
    return { identifier };
  });
  if (values.webhook !== undefined && !/^https?:\/\//.test(values.webhook))
    throw new UsageError(`--webhook ${values.webhook}: an http(s) URL`);
  if (values.slug !== undefined && !/^[-a-zA-Z0-9_]+$/.test(values.slug))
    throw new UsageError(`--slug ${values.slug}: letters, digits, - and _`);
  if (values['webhook-secret'] !== undefined && values.webhook === undefined)
    throw new UsageError('--webhook-secret goes with --webhook');
  const secret = values['webhook-secret'];
  return {
    options: {
      port: whole('port', values.port ?? '5100', 0, 65_535),
      host: values.host,
      slug: values.slug,
      apiKey: values.key,
      stateFile: values.state,
      logFile: values.log,
      openControl: values['open-control'],
      // Settings of a seed file hold where nothing else was asked for.
      settings: limit === null ? {} : { rateLimit: { limit, windowMs: 60_000 } },
      seed: seedOf(values.seed, projects),
    },
    // Who brings a world of their own is not given further items unasked.
    items: whole('items', values.items ?? (values.seed === undefined ? '3' : '0'), 0, 1_000_000),
    webhook: values.webhook === undefined ? undefined : { url: values.webhook, ...(secret ? { secret } : {}) },
  };
}

function seedOf(path: string | undefined, projects: Seed['projects']): Seed {
  if (path === undefined) return { projects };
  try {
    const seed = readSeed(path);
    return { ...seed, projects: seed.projects ?? projects };
  } catch (err) {
    throw new UsageError(`--seed: ${err instanceof Error ? err.message : err}`, { cause: err });
  }
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: text,
        host: text,
        slug: text,
        key: text,
        project: { type: 'string', multiple: true },
        items: text,
        'rate-limit': text,
        webhook: text,
        'webhook-secret': text,
        seed: text,
        state: text,
        log: text,
        'open-control': { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    return values;
  } catch (err) {
    throw new UsageError(err instanceof Error ? err.message : String(err), { cause: err });
  }
}

function whole(name: string, given: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const value = /^\d+$/.test(given) ? Number(given) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(
    `--${name} ${given}: a whole number from ${least}${most < Number.MAX_SAFE_INTEGER ? ` to ${most}` : ''}`,
  );
}

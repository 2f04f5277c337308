import { parseArgs } from 'node:util';
import { messageOf } from '@pco/shared/errors';

export const INIT_USAGE = `usage: npm run init -- [options]

Asks for your Plane and your repositories and writes config.yaml. Whatever is given here is not asked.

  --plane-url URL     your Plane, with or without /api/v1, or any page of your workspace
  --token-file FILE   file with the API token; the configuration then names this file
  --workspace SLUG    the part of the address after the host
  --project NAME      identifier or UUID of a project; can be given several times
  --repo PATH         git repository of all projects, or NAME=PATH for one; can be given several times
  --config FILE       what to write (config.yaml)
  --force             replace an existing file without asking
  --list-projects     only show the projects that the token can see, with their UUIDs
  --help              this text
`;

export interface InitFlags {
  readonly planeUrl: string | undefined;
  readonly tokenFile: string | undefined;
  readonly workspace: string | undefined;
  readonly projects: readonly string[];
  readonly repos: readonly string[];
  readonly config: string | undefined;
  readonly force: boolean;
  readonly listProjects: boolean;
  readonly help: boolean;
}

/** @throws Error naming the option that is not known */
export function parseInitFlags(argv: readonly string[]): InitFlags {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      'plane-url': { type: 'string' },
      'token-file': { type: 'string' },
      workspace: { type: 'string' },
      project: { type: 'string', multiple: true, default: [] },
      repo: { type: 'string', multiple: true, default: [] },
      config: { type: 'string' },
      force: { type: 'boolean', default: false },
      'list-projects': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return {
    planeUrl: values['plane-url'],
    tokenFile: values['token-file'],
    workspace: values.workspace,
    projects: values.project,
    repos: values.repo,
    config: values.config,
    force: values.force,
    listProjects: values['list-projects'],
    help: values.help,
  };
}

export const usageError = (err: unknown): string => `${messageOf(err).split('. ')[0]}\n\n${INIT_USAGE}`;

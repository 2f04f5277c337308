import { stringify } from 'yaml';

export interface Choice {
  readonly apiUrl: string;
  readonly workspace: string;
  /** As config.yaml names it. */
  readonly tokenFile: string;
  readonly projects: readonly {
    readonly id: string;
    readonly identifier: string;
    readonly name: string;
    readonly repo: string;
  }[];
}

/** The shortest configuration that works; everything else has a default. */
export function configText({ apiUrl, workspace, tokenFile, projects }: Choice): string {
  const plane = {
    api_url: apiUrl,
    api_token_file: tokenFile,
    workspace_slug: workspace,
    project_ids: projects.map(({ id }) => id),
  };
  const [only] = projects;
  const isOneRepo = new Set(projects.map(({ repo }) => repo)).size === 1;
  const where =
    only && isOneRepo
      ? { automation: { repo_path: only.repo } }
      : { projects: Object.fromEntries(projects.map(({ id, repo }) => [id, { repo_path: repo }])) };
  const names = projects.map(({ id, identifier, name }) => `#   ${id}  ${identifier}  ${name.replaceAll(/\s+/g, ' ')}`);
  return [
    '# Written by `npm run init`. Every other key, with its default, stands in config.example.yaml.',
    ...['# Check with `npm run doctor`, use with `npm start`. Projects:', ...names],
    stringify({ plane, ...where }),
  ].join('\n');
}

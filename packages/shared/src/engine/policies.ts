import { createHash } from 'node:crypto';
import { type Config, configState, type ProjectConfig } from '../config/index.ts';
import { type Budget, type Policy, SUPERVISED, WORKFLOWS, withLinks } from '../domain/index.ts';
import { MINUTE_MS, SECOND_MS } from '../time.ts';
import type { PolicyOf, ProjectRef } from './apply.ts';
import { poolOf } from './pools.ts';

/** The section of one project, named by its UUID or its identifier. */
export const projectSection = (config: Config, { projectId, project }: ProjectRef): ProjectConfig | undefined =>
  config.projects[projectId] ?? config.projects[project];

/** Policies by project, made once: `decide` gets plain data. */
export function createPolicies(config: Config, installation: string): PolicyOf {
  const made = new Map<string, Policy>();
  const state = configState(config);
  let { version } = state;
  return (ref) => {
    if (version !== state.version) made.clear(); // the configuration was reloaded
    version = state.version;
    const key = ref ? `${ref.projectId} ${ref.project}` : '';
    const known = made.get(key);
    if (known) return known;
    const policy = makePolicy(config, installation, ref && projectSection(config, ref));
    made.set(key, policy);
    return policy;
  };
}

/** Each limit of a project goes before that of all. */
const budgetOf = ({ max_turns, max_minutes, max_tokens, max_cost_usd }: Config['automation']['agent']): Budget => ({
  turns: max_turns,
  ms: max_minutes === undefined ? undefined : max_minutes * MINUTE_MS,
  tokens: max_tokens,
  costUsd: max_cost_usd,
});

/** Without worktrees a repository is a place for one session; its path becomes a short name. */
const exclusiveRepo = (worktree: boolean, path: string | undefined): Pick<Policy, 'exclusiveRepo'> =>
  worktree || path === undefined ? {} : { exclusiveRepo: createHash('sha256').update(path).digest('hex').slice(0, 16) };

function makePolicy(config: Config, installation: string, project: ProjectConfig | undefined): Policy {
  const { automation, limits } = config;
  const workflow = WORKFLOWS[project?.workflow ?? ''] ?? SUPERVISED;
  return {
    installation,
    workflow: (project?.branch_url ?? automation.branch_url) ? withLinks(workflow) : workflow,
    pool: poolOf(project),
    sessionPrefix: automation.session_prefix,
    keepMs: (project?.keep_minutes ?? automation.keep_minutes) * MINUTE_MS,
    startTimeoutMs: automation.start_timeout * SECOND_MS,
    budget: budgetOf({ ...automation.agent, ...project?.agent }),
    ...exclusiveRepo(project?.worktree ?? automation.worktree, project?.repo_path ?? automation.repo_path),
    limits: { all: limits.sessions, project: limits.sessions_per_project },
  };
}

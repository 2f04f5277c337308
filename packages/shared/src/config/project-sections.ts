import { z } from 'zod';
import { AGENT_MODES, Priority, WORKFLOWS } from '../domain/index.ts';
import { Label, Seconds, Slug } from './key-types.ts';

const StatePair = z.strictObject({ from: z.string().min(1).optional(), to: z.string().min(1).optional() });

/** What may be set for all projects and for a single one: without defaults, which only the global sections have. */
const TRIGGERS = {
  /** B-036: a new work item in a state of the group unstarted or started. */
  new_tickets: z.boolean(),
  /** B-037: every change of state, or only those between the named states (case-insensitive). */
  status_changes: z.union([z.boolean(), z.array(StatePair)]),
  /** B-038: a comment by somebody else than our own service account. */
  comments: z.boolean(),
};
const Names = z.array(z.string().min(1)).min(1, 'name at least one, or leave the line out');
/** Which work items are meant; whoever sets none means all. */
const FILTERS = {
  /** Labels by name (case-insensitive) or UUID: at least one of them, or none of them. */
  labels_any: Names.optional(),
  labels_none: Names.optional(),
  /** People by display name, e-mail address or UUID: at least one of them. */
  assignees_any: Names.optional(),
  priorities: z.array(z.enum(Priority.options)).min(1, 'name at least one, or leave the line out').optional(),
  /** That priority and all below it: `medium` means medium, low and none. */
  priority_at_most: z.enum(Priority.options).optional(),
  state_groups: z
    .array(z.enum(['backlog', 'unstarted', 'started', 'completed', 'cancelled']))
    .min(1, 'name at least one, or leave the line out')
    .optional(),
};
export const Filters = z.strictObject(FILTERS);
/** Tickets that need no person to start. */
export const AutoApprove = z.strictObject({
  ...FILTERS,
  /** At most so many in a day of UTC; what is above waits for a person. */
  per_day: z.coerce.number().int().positive().default(10),
});

/** What one session may use up, each with no limit unless set. It is warned of at four fifths, and stopped at the limit. */
const Budget = z.strictObject({
  /** Answers of the model, those of subagents included. */
  max_turns: z.coerce.number().int().positive().optional(),
  /** At work: while it waits for a person the time stands still. */
  max_minutes: z.coerce.number().positive().optional(),
  /** Read, written and cached ones together. */
  max_tokens: z.coerce.number().int().positive().optional(),
  /** US dollars, estimated from tokens where the agent does not say it itself. */
  max_cost_usd: z.coerce.number().positive().optional(),
});

const AGENT = {
  /** B-032: the git repository in which the agents work. Required for every project, here or under `projects`. */
  repo_path: z.string().min(1),
  base_branch: z.string().min(1),
  branch_prefix: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'letters, digits, ".", "_" and "-" only'),
  /** Where people see a branch, with `{branch}` in it: becomes a link of the work item once the branch is pushed. */
  branch_url: z
    .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
    .refine((url) => url.includes('{branch}'), 'must contain {branch}'),
  /** Another agent than Claude Code: a program with its arguments. The prompt is appended as the last argument. */
  agent_command: z.array(z.string().min(1)).min(1),
  /** Claude Code in its own terminal interface, or unattended, with its result as the summary. */
  mode: z.enum(AGENT_MODES),
  /** What one of its sessions may use up. */
  agent: Budget,
  permission_mode: z.enum(['default', 'acceptEdits', 'plan', 'auto', 'bypassPermissions']),
  model: z.string().min(1),
  allowed_tools: z.array(z.string().min(1)),
  /** `false`: works in the repository itself, on what is checked out there, one session at a time. */
  worktree: z.boolean(),
  /** Run in the worktree before the agent starts, and after its session has ended: a program with its arguments. */
  setup_command: z.array(z.string().min(1)).min(1),
  teardown_command: z.array(z.string().min(1)).min(1),
  /** A file with the prompt's template instead of the built-in one. */
  prompt_template: z.string().min(1),
  /** MCP servers of Claude Code by name, as its own `mcpServers` has them. No others are used. */
  mcp_servers: z.record(z.string().regex(/^[A-Za-z0-9_-]{1,40}$/), z.looseObject({})),
  /** Further hooks of Claude Code by event, as its own settings have them; ours stay. */
  hooks: z.record(z.string().regex(/^[A-Za-z]+$/), z.array(z.looseObject({}))),
  /** How long a session stays after its completion so that a person can look. */
  keep_minutes: z.coerce.number().min(0),
};

export const Triggers = z.strictObject({
  new_tickets: TRIGGERS.new_tickets.default(true),
  status_changes: TRIGGERS.status_changes.default(true),
  comments: TRIGGERS.comments.default(true),
});

export const Automation = z.strictObject({
  repo_path: AGENT.repo_path.optional(),
  base_branch: AGENT.base_branch.default('HEAD'),
  branch_prefix: AGENT.branch_prefix.default('pco'),
  /** Where worktrees are created; default `<data_dir>/worktrees`. */
  worktree_root: z.string().min(1).optional(),
  /** B-033: the Claude Code executable. */
  claude_bin: z.string().min(1).default('claude'),
  branch_url: AGENT.branch_url.optional(),
  agent_command: AGENT.agent_command.optional(),
  mode: AGENT.mode.default('interactive'),
  agent: AGENT.agent.prefault({}),
  permission_mode: AGENT.permission_mode.default('acceptEdits'),
  model: AGENT.model.optional(),
  /** Permission rules of Claude Code for what needs no question; by default what the prompt itself asks for. */
  allowed_tools: AGENT.allowed_tools.default([
    'Bash(git status:*)',
    'Bash(git diff:*)',
    'Bash(git add:*)',
    'Bash(git commit:*)',
  ]),
  /** Variables of the session-worker's own environment that an agent gets besides HOME, PATH, LANG and the like. */
  agent_env: z.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/)).default([]),
  /** B-034. */
  session_prefix: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,24}$/, '1 to 24 letters, digits, "_" or "-"')
    .default('claude-'),
  /** B-035: the label under which the terminal service groups our sessions. */
  project_id: z.string().min(1).default('plane-automation'),
  /** Also watched for `completion-<ticket>.txt`, beside the private spool in the data folder. Empty: not watched. */
  signal_dir: z.string().default('/tmp'),
  worktree: AGENT.worktree.default(true),
  setup_command: AGENT.setup_command.optional(),
  teardown_command: AGENT.teardown_command.optional(),
  /** How long either of them may take. */
  command_timeout: Seconds.default(300),
  prompt_template: AGENT.prompt_template.optional(),
  mcp_servers: AGENT.mcp_servers.optional(),
  hooks: AGENT.hooks.optional(),
  keep_minutes: AGENT.keep_minutes.default(10),
  /** A session that has not started after so long fails visibly. */
  start_timeout: Seconds.default(600),
  /** How long one try waits for the agent's word that it took the prompt. */
  accept_timeout: Seconds.default(30),
  /** An agent at work of which nothing was seen or heard for so long is shown as silent. */
  silent_after: Seconds.default(600),
  /** How long the processes of a session that is stopped have to end by themselves. */
  stop_grace: Seconds.default(10),
  /** A worktree is removed so long after its ticket was finished, unless it holds what is nowhere else. 0: never. */
  clean_after_days: z.coerce.number().min(0).default(14),
});

export const Project = z.strictObject({
  ...z.strictObject(AGENT).partial().shape,
  triggers: z.strictObject(TRIGGERS).partial().optional(),
  /** In place of the global ones, as a whole. */
  filters: Filters.optional(),
  /** In place of the global rule, with a count of its own; `false` switches it off here. */
  auto_approve: z.union([z.literal(false), AutoApprove]).optional(),
  close_on_unassign: z.boolean().optional(),
  completed_state: z.string().min(1).optional(),
  initial_scan: z.enum(['baseline', 'enqueue']).optional(),
  workflow: z.enum(Object.keys(WORKFLOWS)).optional(),
  /** Its tickets run on the runners of that pool. */
  pool: Slug.optional(),
  /** Its tickets run on runners that have all of these labels; short for the pool of that name, joined by "-". */
  runner_labels: z
    .array(Label)
    .min(1, 'name at least one, or leave the line out')
    .refine((labels) => labels.join('-').length <= 32, 'together at most 32 characters')
    .optional(),
});

export type ProjectConfig = z.output<typeof Project>;
export type Filters = z.output<typeof Filters>;
export type AutoApprove = z.output<typeof AutoApprove>;

import { z } from 'zod';
import { AGENT_MODES, Priority, WORKFLOWS } from '../domain/index.ts';
import { Redis } from './redis-section.ts';

/** Config keys keep the names of the YAML file (snake_case), so that an error names what the reader sees there. */

const Port = z.coerce.number().int().min(0).max(65_535);
const Host = z.string().min(1);
const Seconds = z.coerce.number().positive();
const HttpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
  .transform((url) => url.replace(/\/+$/, ''));
const Slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'lower-case letters, digits and "-", at most 32');
/** Joined they are the name of a pool, so none holds the "-" that joins them. */
const Label = z.string().regex(/^[a-z0-9]{1,16}$/, 'lower-case letters and digits, at most 16');
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
const Filters = z.strictObject(FILTERS);
/** Tickets that need no person to start. */
const AutoApprove = z.strictObject({
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

const Triggers = z.strictObject({
  new_tickets: TRIGGERS.new_tickets.default(true),
  status_changes: TRIGGERS.status_changes.default(true),
  comments: TRIGGERS.comments.default(true),
});

const Automation = z.strictObject({
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

const Project = z.strictObject({
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

/** A token of which only the hash stands in the configuration. */
const ApiToken = z.strictObject({
  role: z.enum(['viewer', 'operator', 'admin']),
  /** `printf %s "$TOKEN" | sha256sum` */
  hash: z.string().regex(/^[a-f0-9]{64}$/, 'the SHA-256 of the token: 64 hexadecimal digits'),
  expires: z.iso.date('a day such as 2027-01-31').optional(),
});
export const ApiTokens = z.record(z.string(), ApiToken);

const LogLevel = z
  .string()
  .transform((level) => level.toLowerCase().replace('warning', 'warn'))
  .pipe(z.enum(['debug', 'info', 'warn', 'error', 'silent'], 'DEBUG, INFO, WARNING or ERROR'));

const Listen = (port: number) =>
  z.strictObject({ host: Host.default('127.0.0.1'), port: Port.default(port) }).prefault({});

export const ConfigSchema = z.strictObject({
  plane: z.strictObject({
    /** B-024: ends in /api/v1. */
    api_url: HttpUrl.refine((url) => url.endsWith('/api/v1'), 'must end in /api/v1'),
    /** Where people see Plane in a browser; by default where its API is. */
    web_url: HttpUrl.optional(),
    /** B-025: sent as X-Api-Key. Better from PCO_PLANE_API_TOKEN or a file than from here. */
    api_token: z.string().min(1).optional(),
    api_token_file: z.string().min(1).optional(),
    workspace_slug: z.string().regex(/^[A-Za-z0-9_-]+$/, 'letters, digits, "_" and "-" only'),
    /** B-027: overrides the identifier that Plane names; only with a single project. */
    project_identifier: z.string().min(1).optional(),
    /** B-028. */
    project_ids: z.array(z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'must be a project UUID')).default([]),
    /** B-029: seconds. */
    poll_interval: z.coerce.number().min(10, 'at least 10 seconds').default(60),
    /** Seconds, while webhooks are healthy; never shorter than the other one. A lost delivery is repaired within it. */
    poll_interval_relaxed: z.coerce.number().min(10, 'at least 10 seconds').default(60),
    /** B-055: what the first look at a project does with the work items that already exist. */
    initial_scan: z.enum(['baseline', 'enqueue']).default('baseline'),
    /** Whether a ticket ends when nobody is assigned to its work item any more. */
    close_on_unassign: z.boolean().default(false),
    /** B-102: a state name, a state UUID or `group:<group>`. */
    completed_state: z.string().min(1).optional(),
    /** B-064: older servers know `issues` only; `auto` asks for `work-items` first. */
    path_segment: z.enum(['auto', 'work-items', 'issues']).default('auto'),
    /** Requests that we allow ourselves in any window of `budget_window_seconds`; Plane's own limit is 60 a minute per key. */
    requests_per_minute: z.coerce.number().int().positive().default(50),
    /** For a server whose `API_KEY_RATE_LIMIT` counts by another time than the minute. */
    budget_window_seconds: Seconds.default(60),
    /** Seconds for one request to Plane, connecting and reading included; lists have at least 30. */
    request_timeout: Seconds.default(10),
    /** Seconds to wait after a lost answer before looking whether the write arrived: longer than Plane works on one. */
    lost_answer_wait: Seconds.default(30),
  }),
  tmux_session_service: z
    .strictObject({
      /** B-030. */
      url: HttpUrl.default('http://127.0.0.1:5001'),
      /** B-031. */
      websocket_url: z.string().optional(),
      host: Host.default('127.0.0.1'),
      port: Port.default(5001),
      token: z.string().min(16, 'at least 16 characters').optional(),
      token_file: z.string().min(1).optional(),
      /** For callers that may only look. */
      view_token: z.string().min(16, 'at least 16 characters').optional(),
      view_token_file: z.string().min(1).optional(),
      /** MB of a session's output that are kept, and of all sessions'; days after which a recording goes. */
      recording_mb: z.coerce.number().min(0).max(100_000).default(32),
      recordings_total_mb: z.coerce.number().min(0).default(4096),
      recording_days: z.coerce.number().min(0).default(30),
      /** Name of the tmux socket (`tmux -L NAME`); `default` is the user's own server. */
      socket: z
        .string()
        .regex(/^[A-Za-z0-9_-]+$/)
        .default('pco'),
    })
    .prefault({}),
  automation: Automation.prefault({}),
  triggers: Triggers.prefault({}),
  filters: Filters.prefault({}),
  auto_approve: AutoApprove.optional(),
  projects: z.record(z.string(), Project).default({}),
  limits: z
    .strictObject({
      sessions: z.coerce.number().int().positive().default(10),
      sessions_per_project: z.coerce.number().int().positive().default(10),
    })
    .prefault({}),
  runner: z
    .strictObject({
      /** Default: the host's name at the first start, kept in `<data_dir>/runner-id`. Never shared by two session-workers. */
      id: Slug.optional(),
      /** Whose tickets it takes. Default: `default`, and every pool that `runner_labels` of a project name and it can serve. */
      pools: z.array(Slug).min(1, 'name at least one, or leave the line out').optional(),
      /** What it can do, for `runner_labels` of projects. */
      labels: z.array(Label).default([]),
      slots: z.coerce.number().int().positive().default(5),
      /** It takes no further session while less than this is free: memory, and on each disk that sessions write to. */
      min_free_memory_mb: z.coerce.number().min(0).default(256),
      min_free_disk_mb: z.coerce.number().min(0).default(512),
      /** Nor while more processes than this, for each of its cores, want to run (average of a minute). */
      max_load: z.coerce.number().positive().optional(),
      /** While it is there no ticket is taken; `<file>.done` says that no session is left. Default `<data_dir>/drain`. */
      drain_file: z.string().min(1).optional(),
      /** How often it says that it is there. Three times in a row missed, it counts as gone. */
      heartbeat_seconds: Seconds.default(5),
      /** Whether tmux and the agents are in a container of their own: their processes are then ended there, by way of tmux. */
      agents_elsewhere: z.boolean().default(false),
      /** Where the api reaches this runner's terminal service, if not at `tmux_session_service.url`. */
      terminal_url: HttpUrl.optional(),
    })
    .prefault({}),
  api: z
    .strictObject({
      host: Host.default('127.0.0.1'),
      port: Port.default(5002),
      /** B-043: origins allowed to call from a browser; default same origin only. */
      cors_origins: z
        .array(
          z
            .string()
            .min(1)
            .refine((origin) => origin !== '*', 'name the origins; "*" would let any page in'),
        )
        .default([]),
      /** Bearer token of an admin. Without any token the api stays on loopback. */
      token: z.string().min(16, 'at least 16 characters').optional(),
      token_file: z.string().min(1).optional(),
      /** Further tokens by name; the api keeps those that are made over HTTP itself. */
      tokens: z
        .record(z.string().regex(/^[A-Za-z0-9._-]{1,40}$/, 'letters, digits, ".", "_" and "-"'), ApiToken)
        .default({}),
      /** A YAML file with the same content as `tokens`. */
      tokens_file: z.string().min(1).optional(),
      /** How browsers reach us, if that is not what they send as host: `https://pco.example.com`. */
      public_url: HttpUrl.optional(),
      /** Addresses of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed. */
      trust_proxy: z.array(z.string().min(1)).default([]),
      /** How long a browser stays logged in. */
      login_hours: z.coerce
        .number()
        .positive()
        .max(24 * 365)
        .default(12),
      /** Requests of one token, or of one address without one, in a minute, to each replica. 0: no limit. */
      requests_per_minute: z.coerce.number().int().min(0).default(6_000),
      /** How long the audit log is kept. */
      audit_days: z.coerce.number().positive().default(365),
      /** B-087: `POST /api/test/add-ticket`. */
      test_endpoint: z.boolean().default(false),
      /** Connections to `GET /api/events` that one api process keeps open, in all and of one token or address. */
      event_readers: z.coerce.number().int().positive().default(500),
      event_readers_per_client: z.coerce.number().int().positive().default(50),
    })
    .prefault({}),
  webhooks: z
    .strictObject({
      /** B-679: what Plane signs its deliveries with. Several are valid at once, so that one can be replaced. */
      secrets: z.array(z.string().min(16, 'at least 16 characters')).default([]),
      /** Further ones, one per line. */
      secrets_file: z.string().min(1).optional(),
    })
    .prefault({}),
  /** B-206: makes text of what people dictate. Without an address nothing is recorded. */
  transcription: z
    .strictObject({
      url: HttpUrl.optional(),
      /** Where it takes recordings: its own (B-239), or that of OpenAI's, which most others have. */
      path: z
        .string()
        .regex(/^\/[\w./-]*$/, 'must begin with "/"')
        .default('/transcribe'),
      token: z.string().min(8, 'at least 8 characters').optional(),
      token_file: z.string().min(1).optional(),
      /** Seconds for one recording, sending it included (B-239). */
      timeout: Seconds.default(300),
    })
    .prefault({}),
  poller: Listen(5003),
  session_worker: z
    .strictObject({
      host: Host.default('127.0.0.1'),
      port: Port.default(5004),
      /** Bearer token with which the api reads transcripts. Without one they do not leave this host. */
      token: z.string().min(16, 'at least 16 characters').optional(),
      token_file: z.string().min(1).optional(),
    })
    .prefault({}),
  plane_writer: Listen(5005),
  redis: Redis,
  logging: z
    .strictObject({
      /** B-039: what is shown. */
      level: LogLevel.default('info'),
      /** B-040: written by `npm start`; relative to the configuration file. Empty: no file. */
      file: z.string().default('logs/orchestrator.log'),
      /** B-122: what goes into it; the console has `level`. */
      file_level: LogLevel.default('debug'),
      /** A new one begins when it is so large, in MB, or when days have passed; 0: however old it is. */
      file_max_mb: z.coerce.number().positive().max(10_000).default(10),
      file_max_days: z.coerce.number().int().min(0).max(31).default(0),
      /** How many are kept besides. */
      file_keep: z.coerce.number().int().min(1).max(1_000).default(5),
      /** What `npm start` prints: lines for people, or the JSON as it is. */
      format: z.enum(['human', 'json']).default('human'),
    })
    .prefault({}),
  tracing: z
    .strictObject({
      /** An OTLP collector over HTTP; without one nothing is traced. */
      otlp_endpoint: HttpUrl.optional(),
    })
    .prefault({}),
  /** A finished ticket is forgotten after so many days; what it wrote stays in Plane. */
  retention_days: z.coerce.number().positive().default(90),
  /** State of this host: worktrees, session files, a private Redis. */
  data_dir: z.string().min(1).default('data'),
  /** For operators who know BullMQ: how fast a dead worker's job is taken over. */
  queues: z
    .strictObject({
      lock_duration_ms: z.coerce.number().int().min(500).default(15_000),
      stalled_interval_ms: z.coerce.number().int().min(200).default(5_000),
    })
    .prefault({}),
});

export type Config = z.output<typeof ConfigSchema>;
export type ConfigInput = z.input<typeof ConfigSchema>;
export type ProjectConfig = z.output<typeof Project>;
export type Filters = z.output<typeof Filters>;
export type AutoApprove = z.output<typeof AutoApprove>;

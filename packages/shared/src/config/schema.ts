import { z } from 'zod';
import { Api } from './api-section.ts';
import { Host, HttpUrl, Label, Port, Seconds, Slug } from './key-types.ts';
import { AutoApprove, Automation, Filters, Project, Triggers } from './project-sections.ts';
import { Redis } from './redis-section.ts';

/** Config keys keep the names of the YAML file (snake_case), so that an error names what the reader sees there. */

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
      /** B-031: of older files; browsers reach terminals through the api. */
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
  api: Api,
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

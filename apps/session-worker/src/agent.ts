import { join } from 'node:path';
import type { Config, ProjectConfig } from '@pco/shared/config';
import type { Ticket } from '@pco/shared/domain';
import type { SessionFiles } from './session-files.ts';

export interface AgentOptions {
  readonly config: Config;
  readonly project: ProjectConfig | undefined;
  readonly files: SessionFiles;
  readonly ticket: Ticket;
  /** Address of this session's hooks. */
  readonly hookUrl: string;
  /** Runs the hook program: the Node that we run on, and our script. */
  readonly hookCommand: string;
  /** The agent's conversation to go on in, instead of a new one. */
  readonly conversation: string | undefined;
}

/**
 * Writes what the agent needs into the session's folder and gives its argument vector; the launcher appends the
 * prompt. Only Claude Code has a settings.json there: its hooks say when it took the prompt.
 */
export async function prepareAgent(options: AgentOptions): Promise<readonly string[]> {
  const { config, project, files, ticket } = options;
  const custom = project?.agent_command ?? config.automation.agent_command;
  if (custom) return custom;
  const settings = await files.write('settings.json', JSON.stringify(sessionSettings(options), null, 2));
  const plugin = await writePlugin(files);
  const { automation } = config;
  const model = project?.model ?? automation.model;
  return [
    automation.claude_bin,
    ...(options.conversation ? ['--resume', options.conversation] : ['--session-id', crypto.randomUUID()]),
    ...['--name', ticket.id],
    // told always: an interactive session would otherwise begin in `auto`
    ...['--permission-mode', project?.permission_mode ?? automation.permission_mode],
    ...['--settings', settings],
    ...['--plugin-dir', plugin],
    ...(model ? ['--model', model] : []),
    ...(await mcpArguments(options)),
    '--', // what follows is the prompt, whatever it begins with
  ];
}

/** Only the servers that the configuration names: those of a worktree's own files are whoever's wrote them. */
async function mcpArguments({ config, project, files }: AgentOptions): Promise<readonly string[]> {
  const mcpServers = project?.mcp_servers ?? config.automation.mcp_servers;
  if (!mcpServers) return [];
  return [
    '--mcp-config',
    await files.write('mcp.json', JSON.stringify({ mcpServers }, null, 2)),
    '--strict-mcp-config',
  ];
}

/**
 * Frequent, so told over HTTP: they say that the agent is at work. All others are noted by our command hook, with their
 * time and whether or not we are there. Only events that every supported version knows.
 */
const TOLD = ['PreToolUse', 'PostToolUse', 'PostToolUseFailure'];
const NOTED = [
  'SessionStart',
  'UserPromptSubmit',
  'PermissionRequest',
  'Notification',
  'Stop',
  'StopFailure',
  'SessionEnd',
];

/** Files outside the worktree that a prompt or an answer may tell the agent to read. */
const WE_NAME = ['description.md', 'feedback/*'];

/** Of this session alone, given with --settings: the user's own configuration stays as it is. */
function sessionSettings({ config, project, hookUrl, hookCommand, files }: AgentOptions): object {
  const tools = project?.allowed_tools ?? config.automation.allowed_tools;
  // what we ourselves ask of an agent must not wait for a person, whatever the permission mode
  const ours = ['Bash(complete-ticket:*)', ...WE_NAME.map((name) => `Read(/${join(files.dir, name)})`)];
  const record = { type: 'command', command: hookCommand, timeout: 10 };
  const tell = {
    type: 'http',
    url: hookUrl,
    headers: { Authorization: 'Bearer $PCO_SESSION_TOKEN' },
    allowedEnvVars: ['PCO_SESSION_TOKEN'],
    timeout: 5,
  };
  return {
    permissions: { allow: [...tools, ...ours] },
    disableAllHooks: false, // a user's `true` would stop these too
    hooks: merged(project?.hooks ?? config.automation.hooks ?? {}, {
      ...Object.fromEntries(TOLD.map((event) => [event, [{ hooks: [tell] }]])),
      ...Object.fromEntries(NOTED.map((event) => [event, [{ hooks: [record] }]])),
      PreToolUse: [{ matcher: 'Skill', hooks: [record] }, { hooks: [tell] }],
    }),
  };
}

type Hooks = Readonly<Record<string, readonly object[]>>;

/** The project's beside ours: both fire. */
const merged = (theirs: Hooks, ours: Hooks): Hooks => {
  const events = new Set([...Object.keys(theirs), ...Object.keys(ours)]);
  return Object.fromEntries([...events].map((event) => [event, [...(ours[event] ?? []), ...(theirs[event] ?? [])]]));
};

/** `/complete` must exist as a command, or the prompt hook never sees it; a plugin's skill answers to the plain name. */
async function writePlugin(files: SessionFiles): Promise<string> {
  const manifest = { name: 'plane-claude-orchestrator', version: '0.1.0', description: 'Commands of a ticket session' };
  await files.write('plugin/.claude-plugin/plugin.json', JSON.stringify(manifest));
  await files.write(
    'plugin/skills/complete/SKILL.md',
    [
      '---',
      'name: complete',
      'description: Report this ticket as complete, with a summary of what was done.',
      'argument-hint: <summary>',
      '---',
      'The completion was recorded: $ARGUMENTS',
      '',
    ].join('\n'),
  );
  return join(files.dir, 'plugin');
}

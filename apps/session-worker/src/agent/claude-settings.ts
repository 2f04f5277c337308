import { join } from 'node:path';
import type { SessionFiles } from '../session-files.ts';
import type { LaunchOptions } from './agent.ts';

/** @returns the file, or undefined when the configuration names no servers */
export async function writeMcpServers({ config, project, files }: LaunchOptions): Promise<string | undefined> {
  const mcpServers = project?.mcp_servers ?? config.automation.mcp_servers;
  if (!mcpServers) return undefined;
  return files.write('mcp.json', JSON.stringify({ mcpServers }, null, 2));
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
export async function writeSettings({ config, project, hookUrl, hookCommand, files }: LaunchOptions): Promise<string> {
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
  const settings = {
    permissions: { allow: [...tools, ...ours] },
    disableAllHooks: false, // a user's `true` would stop these too
    hooks: merged(project?.hooks ?? config.automation.hooks ?? {}, {
      ...Object.fromEntries(TOLD.map((event) => [event, [{ hooks: [tell] }]])),
      ...Object.fromEntries(NOTED.map((event) => [event, [{ hooks: [record] }]])),
      PreToolUse: [{ matcher: 'Skill', hooks: [record] }, { hooks: [tell] }],
    }),
  };
  return files.write('settings.json', JSON.stringify(settings, null, 2));
}

type Hooks = Readonly<Record<string, readonly object[]>>;

/** The project's beside ours: both fire. */
const merged = (theirs: Hooks, ours: Hooks): Hooks => {
  const events = new Set([...Object.keys(theirs), ...Object.keys(ours)]);
  return Object.fromEntries([...events].map((event) => [event, [...(ours[event] ?? []), ...(theirs[event] ?? [])]]));
};

/** `/complete` must exist as a command, or the prompt hook never sees it; a plugin's skill answers to the plain name. */
export async function writePlugin(files: SessionFiles): Promise<string> {
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

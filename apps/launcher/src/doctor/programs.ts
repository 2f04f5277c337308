import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Config } from '@pco/shared/config';
import { SECOND_MS } from '@pco/shared/time';
import { z } from 'zod';
import { run, which } from '../run-command.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

export async function checkPrograms(): Promise<Finding[]> {
  const major = Number(process.versions.node.split('.')[0]);
  const node =
    major >= 24 ? ok('Node', process.versions.node) : fail('Node', process.versions.node, 'use Node 24 or newer');
  return [node, await program('git', ['--version']), await program('tmux', ['-V'])];
}

async function program(name: string, args: readonly string[]): Promise<Finding> {
  const ran = await run(name, args, { timeoutMs: 10 * SECOND_MS });
  return ran.ok ? ok(name, ran.stdout.trim()) : fail(name, 'not found', `install ${name}; npm start offers to do it`);
}

/** Nothing here asks the model anything, so nothing costs. */
export async function checkAgents(config: Config): Promise<Finding[]> {
  const { automation, projects } = config;
  const custom = [automation, ...Object.values(projects)].flatMap(({ agent_command }) =>
    agent_command ? [agent_command] : [],
  );
  const findings = [...new Set(custom.map(([command = '']) => command))].map(customAgent);
  const usesClaude = automation.agent_command === undefined;
  return usesClaude ? [...findings, ...(await checkClaude(config))] : findings;
}

function customAgent(command: string): Finding {
  const found = command.includes('/') ? existsSync(command) : which(command) !== undefined;
  return found ? ok('agent', command) : fail('agent', `${command} is not there`, 'correct agent_command');
}

async function checkClaude({ automation }: Config): Promise<Finding[]> {
  const what = 'Claude Code';
  const ran = await run(automation.claude_bin, ['--version'], { timeoutMs: 20 * SECOND_MS });
  if (!ran.ok) {
    const mend = 'install Claude Code, or set automation.claude_bin (or automation.agent_command for another agent)';
    return [fail(what, `${automation.claude_bin} cannot be run`, mend)];
  }
  const findings = [ok(what, ran.stdout.trim()), checkLogin()];
  if (automation.permission_mode === 'bypassPermissions' && process.getuid?.() === 0) {
    const mend = 'run as another user, or choose another automation.permission_mode';
    findings.push(fail(what, 'refuses bypassPermissions for root', mend));
  }
  return findings;
}

const LOGIN_VARIABLES = [
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_VERTEX',
];

/** Whether there is a trace of a login; whether it is still good only a question that costs would show. */
function checkLogin(): Finding {
  const what = 'Claude Code login';
  const variable = LOGIN_VARIABLES.find((name) => process.env[name]);
  if (variable) return ok(what, `${variable} is set (agents get it only if automation.agent_env names it)`);
  if (existsSync(join(claudeDir(), '.credentials.json')) || claudeState()?.oauthAccount)
    return ok(what, 'there are credentials');
  return warn(
    what,
    'no trace of one',
    'run `claude` once and log in, or name ANTHROPIC_API_KEY in automation.agent_env',
  );
}

/** A dialog that nobody sees would wait for ever: the folder, or one above it, must have been trusted once. */
export function checkTrust(repo: string): Finding | undefined {
  const projects = claudeState()?.projects;
  if (!projects) return undefined;
  for (let dir = repo; ; dir = dirname(dir)) {
    if (projects[dir]?.hasTrustDialogAccepted) return undefined;
    if (dir === dirname(dir)) break;
  }
  return warn(
    'Claude Code',
    `has not been told to trust ${repo}`,
    `run \`claude\` once in ${repo} and answer its question`,
  );
}

const State = z.object({
  oauthAccount: z.unknown().optional(),
  projects: z.record(z.string(), z.object({ hasTrustDialogAccepted: z.boolean().optional() })).optional(),
});

const claudeDir = (): string => process.env.CLAUDE_CONFIG_DIR ?? join(homedir(), '.claude');

function claudeState(): z.output<typeof State> | undefined {
  const dir = process.env.CLAUDE_CONFIG_DIR ?? homedir();
  try {
    return State.safeParse(JSON.parse(readFileSync(join(dir, '.claude.json'), 'utf8'))).data;
  } catch {
    return undefined; // never started here
  }
}

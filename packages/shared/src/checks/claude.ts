import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../config/index.ts';
import { gitEnvironment, run } from '../run-program.ts';
import { SECOND_MS } from '../time.ts';
import { bad, type Finding, ok, warn } from './finding.ts';

/** It unpacks itself at its first start. */
const CLAUDE_TIMEOUT_MS = 20 * SECOND_MS;

/** The variables of who is to run it. */
export type Env = Readonly<Record<string, string | undefined>>;

export async function checkClaude({ automation }: Config, env: Env, timeoutMs = CLAUDE_TIMEOUT_MS): Promise<Finding[]> {
  const what = 'Claude Code';
  const ran = await run(automation.claude_bin, ['--version'], { env: gitEnvironment(env), timeoutMs });
  if (ran.isLate) {
    const mend = `run \`${automation.claude_bin} --version\` by hand and see what it waits for`;
    return [bad(what, `${automation.claude_bin} does not answer`, mend)];
  }
  if (!ran.ok) {
    const mend = 'install Claude Code, or set automation.claude_bin (or automation.agent_command for another agent)';
    return [bad(what, `${automation.claude_bin} cannot be run`, mend)];
  }
  const findings = [ok(what, ran.stdout.trim()), checkLogin(env)];
  if (automation.permission_mode === 'bypassPermissions' && process.getuid?.() === 0) {
    const mend = 'run as another user, or choose another automation.permission_mode';
    findings.push(bad(what, 'refuses bypassPermissions for root', mend));
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
function checkLogin(env: Env): Finding {
  const what = 'Claude Code login';
  const variable = LOGIN_VARIABLES.find((name) => env[name]);
  if (variable) return ok(what, `${variable} is set (agents get it only if automation.agent_env names it)`);
  if (existsSync(join(claudeDir(env), '.credentials.json')) || claudeState(env)?.oauthAccount)
    return ok(what, 'there are credentials');
  return warn(
    what,
    'no trace of one',
    'run `claude` once and log in, or name ANTHROPIC_API_KEY in automation.agent_env',
  );
}

/** A dialog that nobody sees would wait for ever: the folder, or one above it, must have been trusted once. */
export function checkTrust(repo: string, env: Env): Finding | undefined {
  const projects = claudeState(env)?.projects;
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

const claudeDir = (env: Env): string => env.CLAUDE_CONFIG_DIR ?? join(homedir(), '.claude');

function claudeState(env: Env): z.output<typeof State> | undefined {
  const dir = env.CLAUDE_CONFIG_DIR ?? homedir();
  try {
    return State.safeParse(JSON.parse(readFileSync(join(dir, '.claude.json'), 'utf8'))).data;
  } catch {
    return undefined; // never started here
  }
}

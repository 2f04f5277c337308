import { existsSync } from 'node:fs';
import type { Config } from '../config/index.ts';
import { run, which } from '../run-program.ts';
import { SECOND_MS } from '../time.ts';
import { checkClaude, type Env } from './claude.ts';
import { bad, type Finding, ok } from './finding.ts';

/** Versions only: no tmux server is asked anything. */
export async function checkPrograms(): Promise<Finding[]> {
  const major = Number(process.versions.node.split('.')[0]);
  const node =
    major >= 24 ? ok('Node', process.versions.node) : bad('Node', process.versions.node, 'use Node 24 or newer');
  return [node, await program('git', ['--version']), await program('tmux', ['-V'])];
}

async function program(name: string, args: readonly string[]): Promise<Finding> {
  const ran = await run(name, args, { timeoutMs: 10 * SECOND_MS });
  if (ran.isLate)
    return bad(name, 'does not answer', `run \`${name} ${args.join(' ')}\` by hand and see what it waits for`);
  return ran.ok ? ok(name, ran.stdout.trim()) : bad(name, 'not found', `install ${name}; npm start offers to do it`);
}

/** Nothing here asks the model anything, so nothing costs. */
export async function checkAgents(config: Config, env: Env): Promise<Finding[]> {
  const { automation, projects } = config;
  const custom = [automation, ...Object.values(projects)].flatMap(({ agent_command }) =>
    agent_command ? [agent_command] : [],
  );
  const findings = [...new Set(custom.map(([command = '']) => command))].map((command) => customAgent(command, env));
  const usesClaude = automation.agent_command === undefined;
  return usesClaude ? [...findings, ...(await checkClaude(config, env))] : findings;
}

function customAgent(command: string, env: Env): Finding {
  const found = command.includes('/') ? existsSync(command) : which(command, env.PATH) !== undefined;
  return found ? ok('agent', command) : bad('agent', `${command} is not there`, 'correct agent_command');
}

import type { Config, ProjectConfig } from '@pco/shared/config';
import type { AgentMode, Stage } from '@pco/shared/domain';
import type { Agent, AgentName } from './agent.ts';
import { claudeCode } from './claude-code.ts';
import { commandAgent } from './command.ts';

const AGENTS: Readonly<Record<AgentName, Agent>> = { 'claude-code': claudeCode, command: commandAgent };

/** The agent that a session was started with. */
export const agentNamed = (name: AgentName): Agent => AGENTS[name];

/** The agent for a new session: Claude Code, unless another command is configured. */
export const chooseAgent = ({ automation }: Config, project: ProjectConfig | undefined): Agent =>
  (project?.agent_command ?? automation.agent_command) ? commandAgent : claudeCode;

/** The stage of the workflow knows best, then the project. */
export const chooseMode = ({ automation }: Config, project: ProjectConfig | undefined, stage: Stage): AgentMode =>
  stage.mode ?? project?.mode ?? automation.mode;

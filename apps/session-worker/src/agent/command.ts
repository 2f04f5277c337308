import { AppError } from '@pco/shared/errors';
import type { Agent } from './agent.ts';

/**
 * Any program that takes its prompt as the last argument and reports with `complete-ticket`: the scripted agents, and
 * whatever else somebody brings. Nothing is known of it but that its process runs and what its terminal shows.
 */
export const commandAgent: Agent = {
  name: 'command',
  confirms: false,
  async launch({ config, project }) {
    const argv = project?.agent_command ?? config.automation.agent_command;
    if (!argv) throw new AppError('CONFIG_INVALID', { why: 'agent_command is not set' });
    return argv;
  },
  hasTakenPrompt: (files) => files.hasStarted(),
  conversation: () => undefined,
  transcripts: () => ({ conversation: [], subagents: [] }),
  answer: (_mode, answer) => ({ line: answer }),
  interrupt: { keys: ['Escape'] },
};

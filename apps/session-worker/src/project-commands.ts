import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Ticket } from '@pco/shared/domain';
import { projectSection } from '@pco/shared/engine';
import { messageOf } from '@pco/shared/errors';
import { SECOND_MS } from '@pco/shared/time';
import type { Host } from './host.ts';
import { runCommand } from './run-command.ts';
import type { SessionMeta } from './session-files.ts';

/** Of a person's environment, what programs need to run at all. */
const INHERITED = ['HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'TMPDIR', 'SHELL'];

const environment = ({ env, config, paths }: Host, ticketId: string): Record<string, string> => {
  const names = [...INHERITED, ...config.automation.agent_env];
  const passed = names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
  return {
    ...(Object.fromEntries(passed) as Record<string, string>), // undefined values were left out
    PATH: [paths.scripts, env.PATH ?? '/usr/bin:/bin'].join(delimiter),
    PCO_TICKET: ticketId,
  };
};

/**
 * Prepares the workspace as its project wants it, once per session.
 *
 * @throws AppError SETUP_FAILED
 */
export async function setUp(host: Host, ticket: Ticket, sessionId: string, cwd: string, signal: AbortSignal) {
  const { config } = host;
  const argv = projectSection(config, ticket.workItem)?.setup_command ?? config.automation.setup_command;
  const { dir, write } = host.files(sessionId);
  if (!argv || existsSync(join(dir, 'set-up'))) return;
  await runCommand({
    argv,
    cwd,
    env: environment(host, ticket.id),
    timeoutMs: config.automation.command_timeout * SECOND_MS,
    signal,
    keep: (output) => write('setup.log', output),
  });
  await write('set-up', '');
}

/** What the project wants done when a session has ended, once. It hinders nothing: a failure is logged. */
export async function tearDown(host: Host, ticket: Ticket, meta: SessionMeta): Promise<void> {
  const { config, log } = host;
  const argv = projectSection(config, ticket.workItem)?.teardown_command ?? config.automation.teardown_command;
  const { dir, write } = host.files(meta.sessionId);
  if (!argv || !existsSync(meta.worktree) || existsSync(join(dir, 'torn-down'))) return;
  await write('torn-down', '');
  try {
    await runCommand({
      argv,
      cwd: meta.worktree,
      env: environment(host, ticket.id),
      timeoutMs: config.automation.command_timeout * SECOND_MS,
      signal: new AbortController().signal,
      keep: (output) => write('teardown.log', output),
    });
  } catch (err) {
    log.warn({ event: 'session.teardown-failed', sessionId: meta.sessionId, err: messageOf(err) }, 'teardown failed');
  }
}

import { existsSync } from 'node:fs';
import { sessionName, type Ticket } from '@pco/shared/domain';
import { SECOND_MS } from '@pco/shared/time';
import { endElsewhere } from './end-elsewhere.ts';
import type { Host } from './host.ts';
import { endProcesses, killProcesses } from './processes.ts';

/** The processes of a session are asked to end, then made to, and its terminal is closed. */
export async function endSession(host: Host, sessionId: string, signal: AbortSignal): Promise<{ killed: number }> {
  const { config, sessions, files } = host;
  const { dir, write } = files(sessionId);
  if (!existsSync(dir)) {
    await sessions.remove(sessionId);
    return { killed: 0 };
  }
  await write('stopping', ''); // the launcher must not ask for a summary now
  const graceMs = config.automation.stop_grace * SECOND_MS;
  if (config.runner.agents_elsewhere) {
    const killed = await endElsewhere(host, sessionId, graceMs, signal);
    await sessions.remove(sessionId);
    return { killed };
  }
  const killed = await endProcesses(dir, graceMs, signal);
  await sessions.remove(sessionId);
  // whoever was just being started, as what cannot be told from its launcher
  await killProcesses(dir, 'everybody', signal);
  return { killed };
}

/** Names of the sessions that a ticket had before its latest one, the newest first. */
export const earlierSessions = (prefix: string, { id, sessionSeq }: Ticket): string[] =>
  Array.from({ length: Math.max(0, sessionSeq - 1) }, (_, back) => sessionName(prefix, id, sessionSeq - 1 - back));

/**
 * Before a new session of a ticket: whatever an earlier one left running on this host, because the host was given up
 * while it was out of reach, would work in the same folder.
 */
export async function endEarlier(host: Host, ticket: Ticket, signal: AbortSignal): Promise<void> {
  for (const sessionId of earlierSessions(host.config.automation.session_prefix, ticket)) {
    if (!(await host.files(sessionId).readMeta()) || !(await host.sessions.get(sessionId))?.active) continue;
    host.log.warn({ event: 'session.stale', ticketId: ticket.id, sessionId }, 'earlier session is ended');
    await endSession(host, sessionId, signal);
  }
}

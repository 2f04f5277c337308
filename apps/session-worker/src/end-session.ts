import { existsSync } from 'node:fs';
import { sessionName, type Ticket } from '@pco/shared/domain';
import { pause, SECOND_MS } from '@pco/shared/time';
import type { Host } from './host.ts';
import { isProcessAlive } from './process-alive.ts';
import { endProcesses, killProcesses } from './processes.ts';

/** The launcher notes the exit code right after its agent has ended, unless it is at its question for a summary. */
const EXIT_NOTE_MS = 500;
const LOOK_MS = 50;

/** The processes of a session are asked to end, then made to, and its terminal is closed. */
export async function endSession(host: Host, sessionId: string, signal: AbortSignal): Promise<{ killed: number }> {
  const { config, sessions, files } = host;
  const { dir, write, exitCode } = files(sessionId);
  if (!existsSync(dir)) {
    await sessions.remove(sessionId);
    return { killed: 0 };
  }
  await write('stopping', ''); // the launcher must not ask for a summary now
  const { killed, launchers } = await endProcesses(dir, config.automation.stop_grace * SECOND_MS, signal);
  const isNoteDue = async () => launchers.some(isProcessAlive) && (await exitCode()) === null;
  for (let waited = 0; (await isNoteDue()) && waited < EXIT_NOTE_MS; waited += LOOK_MS) await pause(LOOK_MS, signal);
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

import { sessionLives, type Ticket } from '@pco/shared/domain';
import { every, type Loop } from '@pco/shared/engine';
import { messageOf } from '@pco/shared/errors';
import type { LoadedNow } from '@pco/shared/redis';
import { SECOND_MS } from '@pco/shared/time';
import { earlierSessions, endSession } from './end-session.ts';
import type { Host } from './host.ts';
import { isSettling, whatIsSeen } from './observe.ts';
import { tearDown } from './project-commands.ts';
import type { SessionRecord } from './sessions-client.ts';
import { readResult } from './usage/meter.ts';

const PERIOD_MS = 10 * SECOND_MS;

/**
 * Compares the tickets of this runner with tmux: a session that is gone ends, a session that nobody owns is stopped,
 * and what the evidence says is told if it did not get through. Each ticket is read *before* looking.
 */
export function startReconcile(host: Host): Loop {
  const orphans = new Set<string>();
  return every(PERIOD_MS, () => reconcileOnce(host, orphans), host.log, 'session reconcile');
}

export async function reconcileOnce(host: Host, orphans: Set<string>): Promise<void> {
  const { core, sessions, runner } = host;
  const ids = await core.redis.client.smembers(core.redis.keys.slots(`slots:runner:${runner}`));
  const tickets = await Promise.all(ids.map((id) => core.store.load(id)));
  const records = (await sessions.list()).filter(({ active }) => active);
  const live = new Map(records.map((record) => [record.sessionId, record]));
  for (const loaded of tickets) await compare(host, loaded, live);
  const ours = new Set(tickets.map(({ ticket }) => ticket?.session?.id));
  for (const id of host.watched.keys()) if (!ours.has(id)) host.watched.delete(id);
  await stopOrphans(host, records, orphans);
}

async function compare(host: Host, readAt: LoadedNow, live: ReadonlyMap<string, SessionRecord>): Promise<void> {
  const { ticket } = readAt;
  const session = ticket?.session;
  if (!ticket || !session || !sessionLives(ticket)) return;
  const { runner } = host;
  const base = { ticketId: ticket.id, cid: ticket.cid, sessionId: session.id };
  if (ticket.observed?.state === 'unreachable') {
    host.watched.set(session.id, ''); // what is seen is told once more
    await host.core.apply({ ...base, id: `back-${session.id}`, type: 'runner.back', runner }, { readAt });
    return;
  }
  if (isSettling(ticket.open)) return;
  if (!live.has(session.id)) {
    const exitCode = await host.files(session.id).exitCode();
    host.watched.delete(session.id);
    host.evidence.forget(session.id);
    const meta = await host.files(session.id).readMeta();
    const { spent } = readResult(host, meta);
    const ended = { ...base, id: `ended-${session.id}`, type: 'session.ended', exitCode, spent } as const;
    await host.core.apply(ended, { readAt });
    if (meta) void tearDown(host, ticket, meta); // it never throws, and others must not wait for it
    return;
  }
  if (!host.watched.has(session.id)) host.watched.set(session.id, '');
  await seeScreen(host, session.id);
  const seen = whatIsSeen(host, session.id);
  if (seen && (seen.state !== ticket.observed?.state || seen.detail !== ticket.observed.detail))
    await host.core.apply({ ...base, id: `observed-${session.id}`, type: 'session.observed', ...seen }, { readAt });
}

/** A terminal that changes is not silent. One that cannot be looked at says nothing. */
async function seeScreen(host: Host, sessionId: string): Promise<void> {
  try {
    host.evidence.sawScreen(sessionId, await host.sessions.screen(sessionId));
  } catch (err) {
    host.log.debug({ sessionId, err: messageOf(err) }, 'screen cannot be seen');
  }
}

/** Whether the ticket has gone on to another session. */
const isEarlier = ({ config }: Host, ticket: Ticket | null, sessionId: string): boolean =>
  ticket !== null && earlierSessions(config.automation.session_prefix, ticket).includes(sessionId);

/**
 * A session of ours that no current ticket owns is stopped at the second look: at the first, its commit may be under way.
 * One whose ticket has gone on without us is stopped at once: another runner may work on the same branch by now.
 */
async function stopOrphans(host: Host, records: readonly SessionRecord[], orphans: Set<string>): Promise<void> {
  const found = new Set<string>();
  for (const { sessionId, source } of records) {
    if (source !== 'automation') continue;
    const meta = await host.files(sessionId).readMeta();
    if (!meta) continue; // not started by this host's worker
    const { ticket } = await host.core.store.load(meta.ticketId);
    const isOwned = ticket?.session?.id === sessionId && ticket.session.endedAt === undefined;
    const isBeingStopped = Object.values(ticket?.open ?? {}).some(({ args }) => args.sessionId === sessionId);
    if (isOwned || isBeingStopped) continue;
    found.add(sessionId);
    if (isEarlier(host, ticket, sessionId)) orphans.add(sessionId);
  }
  for (const sessionId of found) {
    if (!orphans.has(sessionId)) continue;
    host.log.warn({ event: 'session.orphan', sessionId }, 'session without a ticket is stopped');
    await endSession(host, sessionId, new AbortController().signal);
  }
  orphans.clear();
  for (const sessionId of found) orphans.add(sessionId);
}

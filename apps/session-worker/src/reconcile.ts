import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sessionLives } from '@pco/shared/domain';
import { every, type Loop } from '@pco/shared/engine';
import type { LoadedNow } from '@pco/shared/redis';
import { SECOND_MS } from '@pco/shared/time';
import { Hook, readHook, type Seen } from './hooks.ts';
import type { Host } from './host.ts';
import type { SessionRecord } from './sessions-client.ts';

const PERIOD_MS = 10 * SECOND_MS;

/**
 * Compares the tickets of this runner with tmux: a session that is gone ends, a session that nobody owns is stopped,
 * and what the hooks said last is told once more if it did not get through. Each ticket is read *before* looking.
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
  await stopOrphans(host, records, orphans);
}

async function compare(host: Host, readAt: LoadedNow, live: ReadonlyMap<string, SessionRecord>): Promise<void> {
  const { ticket } = readAt;
  const session = ticket?.session;
  if (!ticket || !session || !sessionLives(ticket)) return;
  const busy = Object.values(ticket.open).some(({ type, parked }) => !parked && SETTLES.has(type));
  if (busy) return; // its outcome will say
  const base = { ticketId: ticket.id, cid: ticket.cid, sessionId: session.id };
  if (!live.has(session.id)) {
    const exitCode = await host.files(session.id).exitCode();
    await host.core.apply({ ...base, id: `ended-${session.id}`, type: 'session.ended', exitCode }, { readAt });
    return;
  }
  const seen = await lastSeen(host, session.id);
  if (seen && seen.state !== ticket.observed?.state)
    await host.core.apply({ ...base, id: `observed-${session.id}`, type: 'session.observed', ...seen }, { readAt });
}

/** While one of these is open, the look is not ours to judge. A planned stop is no such thing: ending is what it wants. */
const SETTLES: ReadonlySet<string> = new Set(['session.assign', 'session.start', 'session.send']);

async function lastSeen(host: Host, sessionId: string): Promise<Seen | undefined> {
  const { dir } = host.files(sessionId);
  if (existsSync(join(dir, 'asks')) && !existsSync(join(dir, 'completed')))
    return { state: 'asking', detail: 'the agent has ended without a summary; its terminal asks for one' };
  return host.lastSeen.get(sessionId) ?? (await noted(dir));
}

/** What the last hook said to the session's folder, when none has said anything to us since we started. */
async function noted(dir: string): Promise<Seen | undefined> {
  const text = await readFile(join(dir, 'last-hook.json'), 'utf8').catch(() => 'null');
  try {
    const hook = Hook.safeParse(JSON.parse(text)).data;
    return hook && readHook(hook);
  } catch {
    return undefined; // half a file is no evidence
  }
}

/** Tells what a hook has just said; tries again when the ticket moved at that moment. */
export async function tellObserved(host: Host, sessionId: string): Promise<void> {
  const meta = await host.files(sessionId).readMeta();
  for (let tries = 0; meta && tries < 3; tries += 1) {
    const readAt = await host.core.store.load(meta.ticketId);
    const seen = host.lastSeen.get(sessionId);
    if (!seen || !readAt.ticket) return;
    const answer = await host.core.apply(
      {
        id: `observed-${sessionId}`,
        type: 'session.observed',
        ticketId: meta.ticketId,
        cid: readAt.ticket.cid,
        sessionId,
        ...seen,
      },
      { readAt },
    );
    if (answer.kind !== 'dropped') return;
  }
}

/** A session of ours that no current ticket owns is stopped at the second look: at the first, its commit may be under way. */
async function stopOrphans(host: Host, records: readonly SessionRecord[], orphans: Set<string>): Promise<void> {
  const found = new Set<string>();
  for (const { sessionId, source } of records) {
    if (source !== 'automation') continue;
    const meta = await host.files(sessionId).readMeta();
    if (!meta) continue; // not started by this host's worker
    const { ticket } = await host.core.store.load(meta.ticketId);
    const isOwned = ticket?.session?.id === sessionId && ticket.session.endedAt === undefined;
    const isBeingStopped = Object.values(ticket?.open ?? {}).some(({ args }) => args.sessionId === sessionId);
    if (!isOwned && !isBeingStopped) found.add(sessionId);
  }
  for (const sessionId of found) {
    if (!orphans.has(sessionId)) continue;
    host.log.warn({ event: 'session.orphan', sessionId }, 'session without a ticket is stopped');
    await host.sessions.remove(sessionId);
  }
  orphans.clear();
  for (const sessionId of found) orphans.add(sessionId);
}

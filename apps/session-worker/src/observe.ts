import { every, type Loop } from '@pco/shared/engine';
import { SECOND_MS } from '@pco/shared/time';
import { judge, type Seen } from './evidence/judge.ts';
import type { Host } from './host.ts';

/** What a session does reaches its ticket within a second of its evidence; a look at idle sessions takes microseconds. */
const PERIOD_MS = SECOND_MS / 2;

/** While one of these is open, a look is not ours to judge. A planned stop is no such thing: ending is what it wants. */
const SETTLES: ReadonlySet<string> = new Set(['session.assign', 'session.start', 'session.send']);

export const isSettling = (open: Readonly<Record<string, { type: string; parked?: unknown }>>): boolean =>
  Object.values(open).some(({ type, parked }) => !parked && SETTLES.has(type));

export const whatIsSeen = ({ evidence, config }: Host, sessionId: string): Seen | undefined =>
  judge(evidence.read(sessionId), Date.now(), config.automation.silent_after * SECOND_MS);

/**
 * Watches the sessions that `reconcile` found to be ours: what changed is told, and a terminal that is gone makes it
 * look again.
 */
export function startObserver(host: Host, lookAgain: () => void): Loop {
  return every(PERIOD_MS, () => observeOnce(host, lookAgain), host.log, 'session observer');
}

export async function observeOnce(host: Host, lookAgain: () => void): Promise<void> {
  const ids = [...host.watched.keys()];
  if (ids.length === 0) return;
  for (const id of ids) await tellObserved(host, id);
  const live = new Set((await host.sessions.list()).filter(({ active }) => active).map(({ sessionId }) => sessionId));
  if (ids.some((id) => host.watched.has(id) && !live.has(id))) lookAgain();
}

/** Tells what is new; tries again when the ticket moved at that moment. */
export async function tellObserved(host: Host, sessionId: string): Promise<void> {
  for (let tries = 0; tries < 3; tries += 1) {
    const seen = whatIsSeen(host, sessionId);
    const text = JSON.stringify(seen);
    if (!seen || host.watched.get(sessionId) === text) return;
    const meta = await host.files(sessionId).readMeta();
    if (!meta) return;
    const readAt = await host.core.store.load(meta.ticketId);
    if (!readAt.ticket || isSettling(readAt.ticket.open)) return; // its outcome makes us look again
    const told = { id: `observed-${sessionId}`, type: 'session.observed', sessionId, ...seen } as const;
    const { ticketId } = meta;
    const answer = await host.core.apply({ ...told, ticketId, cid: readAt.ticket.cid }, { readAt });
    if (answer.kind === 'dropped') continue;
    if (host.watched.has(sessionId)) host.watched.set(sessionId, text);
    return;
  }
}

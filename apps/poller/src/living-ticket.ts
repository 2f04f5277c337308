import { FINAL, STATUSES, sessionLives, type Ticket } from '@pco/shared/domain';
import type { LoadedNow } from '@pco/shared/redis';
import type { Poll } from './poll.ts';

/** A ticket that is on its way, as it was read. */
export interface LivingTicket {
  readonly ticket: Ticket;
  readonly readAt: LoadedNow;
}

export async function livingTicket({ core }: Poll, workItem: string): Promise<LivingTicket | null> {
  const ticketId = await core.store.ticketOf(workItem);
  if (ticketId === null) return null;
  const readAt = await core.store.load(ticketId);
  const { ticket } = readAt;
  return ticket && !FINAL.has(ticket.status) ? { ticket, readAt } : null;
}

const WITH_SESSION = STATUSES.filter((status) => !FINAL.has(status) && status !== 'pending' && status !== 'approved');

/** Work items of the project on which a session is at work. */
export async function itemsWithSession({ core, projectId }: Poll): Promise<string[]> {
  const tickets = (await Promise.all(WITH_SESSION.map((status) => core.store.list(status)))).flat();
  return tickets
    .filter((ticket) => ticket.workItem.projectId === projectId && sessionLives(ticket))
    .map(({ workItem }) => workItem.uuid);
}

import type { Ticket } from '@pco/shared/domain';
import { readStartWaits } from '@pco/shared/engine';
import { AppError } from '@pco/shared/errors';
import type { ApiContext } from './api-context.ts';
import { readProjectErrors } from './project-errors.ts';
import { createBoundedCache } from './read-model/bounded-cache.ts';
import { storyOf } from './ticket-story.ts';
import { ticketView } from './ticket-view.ts';
import { readWriteWaits } from './write-waits.ts';

/** So many bytes of single tickets are kept ready. */
const KEPT_BYTES = 8_000_000;

interface Kept {
  readonly version: number;
  readonly projectId: string;
  readonly projectError: string | null;
  readonly answer: Buffer;
}

/**
 * Single tickets with their stories, as JSON. Everything in one comes with a commit, which raises the ticket's version,
 * except for what its project and its effects wait for: whoever finds the version unchanged is sent the same bytes.
 *
 * @throws AppError TICKET_NOT_FOUND
 */
export function createTicketAnswers(context: ApiContext): (id: string) => Promise<Buffer> {
  const { config, core, feed, model, around } = context;
  const { redis, store, policyOf } = core;
  const kept = createBoundedCache<Kept>(KEPT_BYTES, ({ answer }) => answer.length);
  const projectError = readProjectErrors(redis);
  // a Redis that has lost its last commits gives their versions to others
  let gaps = 0;
  feed.follow({
    batch: () => undefined,
    gap() {
      gaps += 1;
      kept.clear();
    },
  });

  const waitsOf = async (ticket: Ticket) => ({
    writeWait: ticket.status === 'updating' ? await (await readWriteWaits(redis))(ticket) : null,
    startWait: ticket.status === 'approved' ? await (await readStartWaits(redis, policyOf))(ticket) : null,
  });

  async function make(ticketId: string): Promise<Buffer> {
    const gapsBefore = gaps;
    const { version, ticket, body } = await store.loadWithBody(ticketId);
    if (!ticket) throw new AppError('TICKET_NOT_FOUND');
    const { projectId } = ticket.workItem;
    const [waits, error, history] = await Promise.all([
      waitsOf(ticket),
      projectError(projectId),
      store.history(ticketId),
    ]);
    const shown = ticketView(ticket, body.trim(), config.plane, { ...waits, projectError: error });
    const answer = Buffer.from(JSON.stringify({ ...shown, ...storyOf(history, ticket), history }));
    const isWhole = ticket.status !== 'updating' && ticket.status !== 'approved';
    if (isWhole && gaps === gapsBefore)
      // what was read before a gap is not known to hold after it
      kept.put(ticketId, { version, projectId, projectError: error, answer });
    return answer;
  }

  /** Looks with all who read lists at this moment. Where they have to wait, a single ticket need not. */
  async function stillHolds(ticketId: string, { version, projectId, projectError: error }: Kept): Promise<boolean> {
    if (model.state() !== 'current') return false;
    const now = await around().catch(() => undefined);
    return now?.index.get(ticketId)?.version === version && now.errors.get(projectId) === error;
  }

  return async (ticketId) => {
    const ready = kept.get(ticketId);
    return ready && (await stillHolds(ticketId, ready)) ? ready.answer : make(ticketId);
  };
}

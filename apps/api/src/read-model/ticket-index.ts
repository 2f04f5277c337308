import type { Status } from '@pco/shared/domain';
import { createSorted, isBefore, type Place, type Sorted } from './sorted.ts';
import type { IndexedTicket } from './ticket-row.ts';

export interface PageQuery {
  readonly statuses?: readonly Status[] | undefined;
  /** Identifiers or ids. */
  readonly projects?: readonly string[] | undefined;
  /** In lower case. */
  readonly words?: readonly string[];
  /** Only what comes after this place. */
  readonly after?: Place | undefined;
  readonly limit: number;
}

export interface Page {
  readonly tickets: readonly IndexedTicket[];
  /** Whether there is more. */
  readonly isFull: boolean;
}

/**
 * All tickets, newest round first. A page costs what it shows and not what there is: each combination of status and
 * project has an order of its own, and a list goes through those that it wants side by side. Only looking for words that
 * are rare goes through everything that the filters leave, many tickets at a time.
 */
export function createTicketIndex(chunkSize?: number) {
  const byId = new Map<string, IndexedTicket>();
  const all = createSorted(chunkSize);
  let changes = 0;
  const buckets = new Map<string, Sorted & { status: Status; project: string; projectId: string }>();
  const revisions = new Map<Status, number>();
  const noteChange = (status: Status) => {
    changes += 1;
    revisions.set(status, (revisions.get(status) ?? 0) + 1);
  };

  const bucketOf = ({ status, project, projectId }: IndexedTicket) => {
    const key = `${status}/${projectId}/${project}`;
    const found = buckets.get(key) ?? { ...createSorted(chunkSize), status, project, projectId };
    buckets.set(key, found);
    return found;
  };

  const remove = (id: string): void => {
    const old = byId.get(id);
    if (!old) return;
    noteChange(old.status);
    byId.delete(id);
    all.remove(old);
    bucketOf(old).remove(old);
  };

  const chosen = ({ statuses, projects }: PageQuery): Sorted[] => {
    if (!statuses && !projects) return [all];
    return [...buckets.values()].filter(
      ({ status, project, projectId }) =>
        (!statuses || statuses.includes(status)) &&
        (!projects || projects.includes(project) || projects.includes(projectId)),
    );
  };

  return {
    /** Counts changes among the tickets of a status. */
    revision: (status: Status): number => revisions.get(status) ?? 0,
    /** Counts changes of any ticket. */
    changes: (): number => changes,
    size: () => byId.size,
    get: (id: string): IndexedTicket | undefined => byId.get(id),

    put(ticket: IndexedTicket): void {
      remove(ticket.id);
      noteChange(ticket.status);
      byId.set(ticket.id, ticket);
      all.add(ticket);
      bucketOf(ticket).add(ticket);
    },

    remove,

    page(query: PageQuery): Page {
      const { words = [], after, limit } = query;
      const tickets: IndexedTicket[] = [];
      for (const ticket of merged(chosen(query).map((list) => list.newestFirst(words, after)))) {
        if (tickets.length === limit) return { tickets, isFull: true };
        tickets.push(ticket);
      }
      return { tickets, isFull: false };
    },

    /** In no order that means anything. */
    all: (): IndexedTicket[] => [...byId.values()],

    projectIds: (): string[] => [...new Set([...buckets.values()].map(({ projectId }) => projectId))],

    /** Those in one status, longest in it first. */
    inStatus(status: Status): IndexedTicket[] {
      const found = [...buckets.values()]
        .filter((bucket) => bucket.status === status)
        .flatMap((bucket) => bucket.all());
      return found.sort((a, b) => a.statusSince - b.statusSince || (a.id < b.id ? -1 : 1));
    },
  };
}
export type TicketIndex = ReturnType<typeof createTicketIndex>;

/** Several orders as one, newest first. */
function* merged(lists: readonly Generator<IndexedTicket>[]): Generator<IndexedTicket> {
  const [only, ...others] = lists;
  if (only && others.length === 0) return yield* only;
  const heads = lists.map((list) => ({ list, ticket: nextOf(list) }));
  for (;;) {
    let newest = heads[0];
    for (const head of heads)
      if (head.ticket && (!newest?.ticket || isBefore(newest.ticket, head.ticket))) newest = head;
    if (!newest?.ticket) return;
    yield newest.ticket;
    newest.ticket = nextOf(newest.list);
  }
}

const nextOf = (list: Generator<IndexedTicket>): IndexedTicket | undefined => {
  const { done, value } = list.next();
  return done ? undefined : value;
};

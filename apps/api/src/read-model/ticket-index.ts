import type { Status } from '@pco/shared/domain';
import { createSorted, type Place, type Sorted } from './sorted.ts';
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
 * project has an order of its own, and a list goes through those that it wants side by side. Only looking for text
 * goes through everything that the filters leave.
 */
export function createTicketIndex() {
  const byId = new Map<string, IndexedTicket>();
  const all = createSorted();
  const buckets = new Map<string, Sorted & { status: Status; project: string; projectId: string }>();
  const revisions = new Map<Status, number>();
  const noteChange = (status: Status) => revisions.set(status, (revisions.get(status) ?? 0) + 1);

  const bucketOf = ({ status, project, projectId }: IndexedTicket) => {
    const key = `${status}/${projectId}/${project}`;
    const found = buckets.get(key) ?? { ...createSorted(), status, project, projectId };
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
    size: () => byId.size,

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
      const matches = ({ text }: IndexedTicket): boolean => words.every((word) => text.includes(word));
      for (const ticket of merged(chosen(query), after, matches)) {
        if (tickets.length === limit) return { tickets, isFull: true };
        tickets.push(ticket);
      }
      return { tickets, isFull: false };
    },

    projectIds: (): string[] => [...new Set([...buckets.values()].map(({ projectId }) => projectId))],

    /** Those in one status, longest in it first. */
    inStatus(status: Status): IndexedTicket[] {
      const found = [...buckets.values()].filter((bucket) => bucket.status === status).flatMap(({ items }) => items);
      return found.sort((a, b) => a.statusSince - b.statusSince || (a.id < b.id ? -1 : 1));
    },
  };
}
export type TicketIndex = ReturnType<typeof createTicketIndex>;

/** What matches in several orders, as one order, newest first. */
function* merged(
  lists: readonly Sorted[],
  after: Place | undefined,
  matches: (ticket: IndexedTicket) => boolean,
): Generator<IndexedTicket> {
  const heads = lists.map(({ items, before }) => {
    const head = { items, at: after ? before(after) : items.length };
    toNext(head, matches);
    return head;
  });
  for (;;) {
    let newest: Head | undefined;
    for (const head of heads) {
      const [mine, best] = [head.items[head.at], newest?.items[newest.at]];
      if (mine && (!best || isNewer(mine, best))) newest = head;
    }
    const ticket = newest?.items[newest.at];
    if (!newest || !ticket) return;
    toNext(newest, matches);
    yield ticket;
  }
}

interface Head {
  readonly items: readonly IndexedTicket[];
  at: number;
}

/** Passes over what does not match before orders are compared: looking for rare words compares hardly anything. */
function toNext(head: Head, matches: (ticket: IndexedTicket) => boolean): void {
  for (head.at -= 1; head.at >= 0; head.at -= 1) {
    const ticket = head.items[head.at];
    if (ticket && matches(ticket)) return;
  }
}

const isNewer = (a: Place, b: Place): boolean => a.begunAt > b.begunAt || (a.begunAt === b.begunAt && a.id > b.id);

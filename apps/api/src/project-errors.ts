import type { Ticket } from '@pco/shared/domain';
import type { RedisHandle } from '@pco/shared/redis';

/** Why the project of a ticket cannot be read just now, so that the ticket may be behind what Plane says of it. */
export type ProjectErrors = (ticket: Ticket) => Promise<string | null>;

/** Asks once per project (B-060). */
export function readProjectErrors({ client, keys }: RedisHandle): ProjectErrors {
  const asked = new Map<string, Promise<string | null>>();
  return ({ workItem: { projectId } }) => {
    const known = asked.get(projectId) ?? client.hget(keys.pollHealth(projectId), 'error');
    asked.set(projectId, known);
    return known.then((error) => error || null);
  };
}

import type { FastifyRequest } from 'fastify';
import { accountOf } from './access.ts';
import type { Recording, Recordings } from './recordings.ts';

/** Those of a session that the caller may see; sessions of different owners may follow each other under one id. */
export async function visibleRecordings(
  recordings: Recordings,
  request: FastifyRequest,
  id: string,
): Promise<Recording[]> {
  const all = (await recordings.list()).filter(({ sessionId }) => sessionId === id);
  const account = accountOf(request);
  if (!account) return all;
  const owners = await Promise.all(all.map(async ({ name }) => (await recordings.readMeta(name)).owner));
  return all.filter((_, index) => owners[index] === account.username);
}

/** The named one, or the latest. */
export const namedRecording = (all: readonly Recording[], name: string | undefined): Recording | undefined =>
  all.findLast((each) => (name ?? each.name) === each.name);

import type { RedisHandle } from '@pco/shared/redis';

/** Why a project cannot be read just now, so that its tickets may be behind what Plane says of them (B-060). */
export const readProjectErrors =
  ({ client, keys }: RedisHandle) =>
  async (projectId: string): Promise<string | null> =>
    (await client.hget(keys.pollHealth(projectId), 'error')) || null;

import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { Core } from '@pco/shared/engine';
import { every } from '@pco/shared/engine';
import type { Logger } from '@pco/shared/log';
import type { FastifyInstance } from 'fastify';

const PATH = '/admin/queues';
const REFRESH_MS = 30_000; // runners, and with them queues, come and go

/** Bull Board over every queue that there is; runners' queues appear with their runner. */
export async function addBoard(
  app: FastifyInstance,
  core: Core,
  pools: readonly string[],
  log: Logger,
): Promise<AsyncDisposable> {
  const serverAdapter = new FastifyAdapter();
  serverAdapter.setBasePath(PATH);
  const fixed = ['plane-read', ...pools.map((pool) => `session.${pool}`), 'plane-write', 'notify'];
  const shown = new Set<string>();
  const board = createBullBoard({ queues: [], serverAdapter });
  const refresh = async () => {
    const runners = await core.redis.client.hkeys(core.redis.keys.runners);
    const wanted = [...fixed, ...runners.flatMap((runner) => [`runner.${runner}`, `completion.${runner}`])];
    for (const name of wanted) {
      if (shown.has(name)) continue;
      shown.add(name);
      board.addQueue(new BullMQAdapter(core.queues.get(name)));
    }
  };
  await app.register(serverAdapter.registerPlugin(), { prefix: PATH });
  return every(REFRESH_MS, refresh, log, 'queue board');
}

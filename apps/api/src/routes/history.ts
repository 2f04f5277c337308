import { ROUTES } from '@pco/shared/contracts/http';
import { createHistoryStore, minuteOf, redisNow } from '@pco/shared/redis';
import type { FastifyInstance } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import { serve } from '../app/serve.ts';
import { historyColumns } from '../history/history-columns.ts';

/** The last hours, for charts. */
export function addHistoryRoute(app: FastifyInstance, { core: { redis } }: ApiContext): void {
  const history = createHistoryStore(redis);
  serve(app, ROUTES.history, async ({ query: { minutes } }) => {
    const last = minuteOf(await redisNow(redis));
    const first = last - minutes + 1;
    return historyColumns(await history.range(first - 1, last), first);
  });
}

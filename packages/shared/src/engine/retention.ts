import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { TicketStore } from '../redis/index.ts';
import { DAY_MS, HOUR_MS } from '../time.ts';
import { every } from './every.ts';

const BATCH = 500;

/** Forgets tickets that have been finished for so many days: at start and every hour. */
export const startRetention = (store: TicketStore, days: number, log: Logger): AsyncDisposable =>
  every(
    HOUR_MS,
    async () => {
      const { now } = await store.load('NONE-0'); // Redis's clock, like every other time
      for (const status of ['done', 'cancelled'] as const) {
        const ids = await store.olderThan(status, now - days * DAY_MS, BATCH);
        let purged = 0;
        for (const id of ids) if (await forget(store, id, log)) purged += 1;
        if (purged > 0) log.info({ event: 'retention.purged', status, purged, days }, 'old tickets forgotten');
      }
    },
    log,
    'retention',
  );

/** One record that cannot be read never keeps the others. */
async function forget(store: TicketStore, id: string, log: Logger): Promise<boolean> {
  try {
    return await store.purge(await store.load(id));
  } catch (err) {
    log.warn({ ticketId: id, err: messageOf(err) }, 'old ticket could not be forgotten');
    return false;
  }
}

import { coalesced } from '@pco/shared/coalesced';
import { type Core, readStartWaits, type StartWaits } from '@pco/shared/engine';
import type { RedisHandle } from '@pco/shared/redis';
import { readProjectErrors } from '../project-errors.ts';
import { readWriteWaits, type WriteWaits } from '../write-waits.ts';
import { type ReadModel, unreachable } from './read-model.ts';
import type { TicketIndex } from './ticket-index.ts';

/** So old the errors of projects may be. */
const ERRORS_MS = 200;

/** The tickets, and what is shown with them but stands elsewhere. */
export interface Surroundings {
  readonly index: TicketIndex;
  /** Why projects cannot be read, by their ids. */
  readonly errors: ReadonlyMap<string, string | null>;
  /** Only lists with tickets that wait need to know for what. */
  readonly waits: () => Promise<WriteWaits>;
  readonly starts: () => Promise<StartWaits>;
}

/**
 * Read once for all who ask at the same time.
 *
 * @throws AppError LISTS_BEHIND, REDIS_UNREACHABLE
 */
export function createSurroundings(model: ReadModel, { redis, policyOf }: Core): () => Promise<Surroundings> {
  const errorsOf = recentErrors(redis);
  return coalesced(async () => {
    const index = await model.current();
    return {
      index,
      errors: await errorsOf(index.projectIds()),
      waits: once(() => readWriteWaits(redis)),
      starts: once(() => readStartWaits(redis, policyOf)),
    };
  });
}

/** Why projects cannot be read: the poller, which says so, looks every few seconds, so it need not be asked for each list. */
function recentErrors(redis: RedisHandle) {
  const projectError = readProjectErrors(redis);
  let known: ReadonlyMap<string, string | null> = new Map();
  let readAt = Number.NEGATIVE_INFINITY;
  return async (ids: readonly string[]): Promise<ReadonlyMap<string, string | null>> => {
    if (performance.now() - readAt < ERRORS_MS && ids.every((id) => known.has(id))) return known;
    const begun = performance.now();
    const errors = await Promise.all(ids.map(projectError)).catch(unreachable);
    known = new Map(errors.map((error, at) => [ids[at] ?? '', error]));
    readAt = begun; // what could not be read is asked for again by the next
    return known;
  };
}

const once = <Value>(read: () => Promise<Value>): (() => Promise<Value>) => {
  let reading: Promise<Value> | undefined;
  return () => {
    reading ??= read();
    return reading;
  };
};

import { coalesced } from '@pco/shared/coalesced';
import { type Core, readStartWaits, type StartWaits } from '@pco/shared/engine';
import { readProjectErrors } from '../project-errors.ts';
import { readWriteWaits, type WriteWaits } from '../write-waits.ts';
import { type ReadModel, unreachable } from './read-model.ts';
import type { TicketIndex } from './ticket-index.ts';

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
  const projectError = readProjectErrors(redis);
  const errorsOf = async (ids: readonly string[]) =>
    (await Promise.all(ids.map(projectError)).catch(unreachable)).map((error, at) => [ids[at] ?? '', error] as const);
  let projects: readonly string[] = [];

  return coalesced(async () => {
    const asked = projects; // most likely the same ones again: one packet to Redis then holds everything
    const [index, errors] = await Promise.all([model.current(), errorsOf(asked)]);
    projects = index.projectIds();
    const others = await errorsOf(projects.filter((id) => !asked.includes(id)));
    return {
      index,
      errors: new Map([...errors, ...others]),
      waits: once(() => readWriteWaits(redis)),
      starts: once(() => readStartWaits(redis, policyOf)),
    };
  });
}

const once = <Value>(read: () => Promise<Value>): (() => Promise<Value>) => {
  let reading: Promise<Value> | undefined;
  return () => {
    reading ??= read();
    return reading;
  };
};

import { AppError } from '../errors.ts';
import { MINUTE_MS } from '../time.ts';
import { type PlaneState, pickCompletedState } from './pick-state.ts';
import type { PlaneClient } from './plane-client.ts';

const REMEMBERED_MS = 10 * MINUTE_MS; // states are renamed by hand, rarely

/** The states of each project, asked for once in a while instead of with every write. */
export interface StateCache {
  of(projectId: string, signal: AbortSignal): Promise<readonly PlaneState[]>;
  /** @returns whether the last answer came from memory, so that asking again may give another */
  forget(projectId: string): boolean;
}

export function createStateCache(plane: Pick<PlaneClient, 'listStates'>): StateCache {
  const cache = new Map<string, { at: number; states: readonly PlaneState[]; isFresh: boolean }>();
  return {
    async of(projectId, signal) {
      const known = cache.get(projectId);
      if (known && performance.now() - known.at < REMEMBERED_MS) {
        known.isFresh = false;
        return known.states;
      }
      const states = await plane.listStates(projectId, { signal });
      cache.set(projectId, { at: performance.now(), states, isFresh: true });
      return states;
    },
    forget(projectId) {
      const known = cache.get(projectId);
      return known !== undefined && !known.isFresh && cache.delete(projectId);
    },
  };
}

/**
 * Where finished work items of a project go.
 *
 * @param wanted the configured state, if one is
 * @throws AppError PLANE_STATE_UNKNOWN when the project has none that fits
 */
export async function targetState(
  states: StateCache,
  projectId: string,
  wanted: string | undefined,
  signal: AbortSignal,
): Promise<PlaneState> {
  const find = async () => pickCompletedState(await states.of(projectId, signal), wanted);
  // not found in what we remember: perhaps it was made a moment ago
  const target = (await find()) ?? (states.forget(projectId) ? await find() : undefined);
  if (target) return target;
  const why = wanted ? `"${wanted}"; correct completed_state` : 'neither "In Review" nor one of the group started';
  throw new AppError('PLANE_STATE_UNKNOWN', { why });
}

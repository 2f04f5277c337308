import type { PlaneClient, PlaneState } from '@pco/shared/plane';
import { MINUTE_MS } from '@pco/shared/time';

const REMEMBERED_MS = 10 * MINUTE_MS; // states are renamed by hand, rarely

/** The states of each project, asked for once in a while instead of with every write. */
export interface StateCache {
  of(projectId: string, signal: AbortSignal): Promise<readonly PlaneState[]>;
  /** @returns whether the last answer came from memory, so that asking again may give another */
  forget(projectId: string): boolean;
}

export function createStateCache(plane: PlaneClient): StateCache {
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

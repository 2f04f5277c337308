import type { Activity } from './rows.ts';
import type { Told, Webhooks } from './webhooks.ts';
import { bumpItem, insertActivity, lastActivityUs, type World } from './world.ts';

/** What the worker notes about a change besides bumping the item. */
export type Note = Pick<
  Activity,
  'verb' | 'field' | 'oldValue' | 'newValue' | 'oldIdentifier' | 'newIdentifier' | 'actor'
>;

/**
 * Plane's worker process: every change of an item, a comment or a link enqueues one job that sets only
 * `updated_at` and writes the activities, a little after the answer. A broker that is down loses the job.
 */
export interface Jobs {
  bump(itemId: string, notes?: readonly Note[]): void;
  /** Has webhooks sent, on another queue: in no order with the bumps. */
  tell(told: Told): void;
  /** Runs everything that still waits; a real queue survives a restart of the server. */
  flush(): void;
}

export function createJobs(world: World, webhooks: Pick<Webhooks, 'tell'>): Jobs {
  const waiting = new Map<NodeJS.Timeout, () => void>();
  const run = (itemId: string, notes: readonly Note[]) => {
    const item = world.items.get(itemId);
    if (!item) return;
    bumpItem(world, item);
    const us = lastActivityUs(item);
    for (const note of notes) insertActivity(world, activity(item.id, item.projectId, us, note));
    world.onChange();
  };
  return {
    bump(itemId, notes = []) {
      const { bumpDelayMs } = world.settings;
      if (bumpDelayMs === null) return;
      if (bumpDelayMs === 0) return run(itemId, notes);
      const timer = setTimeout(() => {
        waiting.delete(timer);
        run(itemId, notes);
      }, bumpDelayMs);
      waiting.set(timer, () => run(itemId, notes));
    },
    tell: (told) => webhooks.tell(told),
    flush() {
      for (const [timer, job] of waiting) {
        clearTimeout(timer);
        job();
      }
      waiting.clear();
    },
  };
}

const activity = (itemId: string, projectId: string, us: number, note: Note): Activity => ({
  id: crypto.randomUUID(),
  createdUs: us,
  updatedUs: us,
  createdBy: note.actor,
  updatedBy: null,
  projectId,
  itemId,
  ...note,
});

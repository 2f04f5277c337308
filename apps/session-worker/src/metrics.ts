import { ObservedState, sessionLives } from '@pco/shared/domain';
import { Gauge } from '@pco/shared/metrics';
import type { Host } from './host.ts';

/** Slots in use, and what the agents in them do. */
export function addMetrics({ core, runner }: Pick<Host, 'core' | 'runner'>): void {
  const { registry, redis, store } = core;
  const ids = () => redis.client.smembers(redis.keys.slots(`slots:runner:${runner}`));
  new Gauge({
    name: 'runner_slots_used',
    help: 'Sessions of this runner that may still be running',
    registers: [registry],
    async collect() {
      this.set((await ids()).length);
    },
  });
  new Gauge({
    name: 'runner_sessions',
    help: 'Sessions of this runner by what their agents were last seen doing',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      const counts = new Map<string, number>(ObservedState.options.map((state) => [state, 0]));
      for (const id of await ids()) {
        const { ticket } = await store.load(id);
        const state = ticket?.observed?.state ?? 'working';
        if (ticket && sessionLives(ticket)) counts.set(state, (counts.get(state) ?? 0) + 1);
      }
      for (const [state, count] of counts) this.set({ state }, count);
    },
  });
}

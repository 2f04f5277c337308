import { ObservedState, sessionLives } from '@pco/shared/domain';
import { Gauge, type Registry } from '@pco/shared/metrics';
import type { Host } from './host.ts';
import type { Intake } from './intake.ts';
import type { Refusal } from './room.ts';

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

const MB = 1024 * 1024;
const REFUSALS: readonly Refusal['code'][] = ['SLOTS', 'MEMORY', 'DISK', 'LOAD', 'UNMEASURED', 'DRAINING'];

/** What this host has left, and why it takes nothing. */
export function addRoomMetrics(
  registry: Registry,
  intake: Pick<Intake, 'measured' | 'refusal'>,
  capacity: number,
): void {
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[], set: Set<Label>) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        set((value, labels) => this.set(labels ?? {}, value));
      },
    });
  gauge('runner_slots', 'Sessions that this runner takes at a time', [], (set) => set(capacity));
  gauge('runner_memory_free_bytes', 'Memory that programs can still have', [], (set) => {
    if (intake.measured) set(intake.measured.memory.freeMb * MB);
  });
  gauge('runner_disk_free_bytes', 'Free space of the disks that sessions write to', ['of'], (set) => {
    for (const { of, freeMb } of intake.measured?.disks ?? []) set(freeMb * MB, { of });
  });
  gauge('runner_cpu_used_ratio', 'Share of all cores in use on this host', [], (set) => {
    if (intake.measured) set(intake.measured.cpu.usedPercent / 100);
  });
  gauge('runner_refuses', 'Why no further session is taken: 1 for the present reason', ['reason'], (set) => {
    for (const code of REFUSALS) set(intake.refusal?.code === code ? 1 : 0, { reason: code.toLowerCase() });
  });
}
type Set<Label extends string> = (set: (value: number, labels?: Partial<Record<Label, string>>) => void) => void;

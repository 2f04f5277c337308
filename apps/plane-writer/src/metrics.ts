import { Gauge, type Registry } from '@pco/shared/metrics';
import { EVERYWHERE } from '@pco/shared/redis';
import type { WriteStops } from './write-stops.ts';

export function addWriteMetrics(registry: Registry, stops: WriteStops): void {
  new Gauge({
    name: 'plane_writes_stopped',
    help: 'Write-backs that wait because Plane refuses them: all of them (0 or 1), and of how many projects',
    labelNames: ['scope'],
    registers: [registry],
    async collect() {
      const found = await stops.all();
      const everywhere = found.filter(({ scope }) => scope === EVERYWHERE).length;
      this.set({ scope: 'all' }, everywhere);
      this.set({ scope: 'project' }, found.length - everywhere);
    },
  });
}

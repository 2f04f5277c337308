import { configState } from '../config/index.ts';
import { addReadMetric, type ReadMetric, type Registry } from '../metrics.ts';
import { SECOND_MS } from '../time.ts';

/** How this process stands to its configuration file. */
export function addConfigMetrics(registry: Registry, config: object): void {
  const state = configState(config);
  const add = (name: string, type: ReadMetric['type'], help: string, value: () => number) =>
    addReadMetric(registry, { name, type, help, read: async () => [{ value: value() }] });
  add('config_reloads_total', 'counter', 'Times that the configuration was read again', () => state.reloads);
  add('config_reloads_refused_total', 'counter', 'Times that it had faults', () => state.refusals);
  add('config_valid', 'gauge', '0 while the file has faults and an older configuration is used, else 1', () =>
    state.refused === null ? 1 : 0,
  );
  add(
    'config_keys_waiting_for_restart',
    'gauge',
    'Changed keys that count from the next start',
    () => state.needRestart.length,
  );
  add(
    'config_last_reload_timestamp_seconds',
    'gauge',
    'When it was last read again; 0 for never',
    () => (state.lastReloadAt ?? 0) / SECOND_MS,
  );
}

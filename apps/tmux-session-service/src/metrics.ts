import { Counter, Gauge, Histogram, type Registry } from '@pco/shared/metrics';

export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics(registry: Registry) {
  const registers = [registry];
  const creations = new Counter({
    name: 'tmux_session_creations_total',
    help: 'Requests for a session: created, existing, ended, conflict or failed',
    labelNames: ['outcome'],
    registers,
  });
  for (const outcome of ['created', 'existing', 'ended', 'conflict', 'failed']) creations.inc({ outcome }, 0);
  return {
    sessionsActive: new Gauge({ name: 'tmux_sessions_active', help: 'Live tmux sessions', registers }),
    creations,
    tmuxDuration: new Histogram({
      name: 'tmux_command_duration_seconds',
      help: 'Time until tmux has answered, by the first command of the list',
      labelNames: ['command'],
      buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5],
      registers,
    }),
    terminals: new Gauge({ name: 'tmux_terminal_clients', help: 'Open terminal WebSockets', registers }),
    /** Asked for when somebody reads the metrics. */
    watchBuffered: (bytes: () => number) =>
      new Gauge({
        name: 'tmux_terminal_buffered_bytes',
        help: 'Output that waits in memory for the network, of all terminals',
        registers,
        collect() {
          this.set(bytes());
        },
      }),
  };
}

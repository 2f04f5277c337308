import type { Telemetry } from 'bullmq';
import { tracing } from '../tracing/index.ts';

/** What a queue or worker is opened with, so that a job goes on in the trace in which it was added. */
export const telemetry = (): { telemetry?: Telemetry } => {
  const traced = tracing();
  // as tracing made it: only this folder knows BullMQ's types
  return traced ? { telemetry: traced.telemetry as Telemetry } : {};
};

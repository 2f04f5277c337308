import type { FastifyInstance } from 'fastify';

/** What a process that traces can do. Without an endpoint there is none of it, and none of its packages is loaded. */
export interface Tracing extends AsyncDisposable {
  /** BullMQ's `Telemetry`, for every queue and worker. */
  readonly telemetry: object;
  /** Before the first route. */
  observe(app: FastifyInstance): void;
  /** Where we are, as W3C `traceparent`; undefined outside of any span. */
  current(): string | undefined;
  /** Does the work as a part of that trace, whoever does it and when. */
  within<Result>(traceparent: string | undefined, work: () => Result): Result;
}

let opened: Tracing | undefined;

export const tracing = (): Tracing | undefined => opened;

/**
 * Sends spans to an OTLP collector over HTTP, from before anything else is opened.
 *
 * @param endpoint its address, such as http://127.0.0.1:4318; undefined for none
 */
export async function startTracing(service: string, endpoint: string | undefined): Promise<AsyncDisposable> {
  if (endpoint === undefined) return { [Symbol.asyncDispose]: async () => undefined };
  const { openTracing } = await import('./open-tracing.ts');
  opened = openTracing(service, endpoint);
  return opened;
}

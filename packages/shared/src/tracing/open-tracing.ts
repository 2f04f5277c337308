import FastifyOtel from '@fastify/otel';
import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
} from '@opentelemetry/sdk-trace-base';
import { BullMQOtel } from 'bullmq-otel';
import type { Tracing } from './index.ts';

const NAME = 'plane-claude-orchestrator';
/** A collector that is away must not hold up a stop. */
const LAST_WORDS_MS = 2_000;
const SEND_EVERY_MS = 1_000;
/** Asked all the time by whoever watches us. */
const PROBES = /^\/(livez|readyz|health|metrics)$/;

/** What BullMQ does every few seconds for itself. */
const UPKEEP = /^(moveStalledJobsToWait|startStalledCheckTimer|extendLocks) /;
const WITHOUT_UPKEEP: Sampler = {
  shouldSample: (_context, _traceId, name) => ({
    decision: UPKEEP.test(name) ? SamplingDecision.NOT_RECORD : SamplingDecision.RECORD_AND_SAMPLED,
  }),
  toString: () => 'WithoutUpkeep',
};

/** Nothing is patched: every library has a door of its own for this, so it works without a loader. */
export function openTracing(service: string, endpoint: string): Tracing {
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: LAST_WORDS_MS });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.namespace': NAME }),
    sampler: new ParentBasedSampler({ root: WITHOUT_UPKEEP }),
    spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: SEND_EVERY_MS })],
  });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const http = new UndiciInstrumentation({ requireParentforSpans: true }); // polls and probes begin no traces
  http.setTracerProvider(provider);
  const fastify = new FastifyOtel.FastifyOtelInstrumentation({
    ignorePaths: ({ url: path }) => PROBES.test(path),
    instrumentHooks: false,
    requestHook: (span, request) => span.updateName(`${request.method} ${request.routeOptions.url ?? 'unknown'}`),
  });
  fastify.setTracerProvider(provider);
  return {
    telemetry: new BullMQOtel({ tracerName: NAME }),
    observe: (app) => fastify.plugin()(app, {}, () => undefined),
    current() {
      const carrier: { traceparent?: string } = {};
      propagation.inject(context.active(), carrier);
      return carrier.traceparent;
    },
    within(traceparent, work) {
      if (traceparent === undefined) return work();
      return context.with(propagation.extract(ROOT_CONTEXT, { traceparent }), work);
    },
    async [Symbol.asyncDispose]() {
      const late = new Promise<void>((resolve) => setTimeout(resolve, LAST_WORDS_MS).unref());
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
    },
  };
}

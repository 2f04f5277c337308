import { Counter, Histogram, type Registry } from '@pco/shared/metrics';
import type { FastifyInstance } from 'fastify';

/** Our own HTTP (B-114, B-115), by route pattern: a raw path would make a series of every ticket. */
export function addHttpMetrics(app: FastifyInstance, registry: Registry): void {
  const registers = [registry];
  const seconds = new Histogram({
    name: 'plane_api_request_duration_seconds',
    help: 'Time to answer a request',
    labelNames: ['method', 'endpoint'],
    buckets: [0.1, 0.5, 1, 2, 5, 10, 30],
    registers,
  });
  const requests = new Counter({
    name: 'plane_api_requests_total',
    help: 'Requests answered',
    labelNames: ['method', 'endpoint', 'status'],
    registers,
  });
  app.addHook('onResponse', (request, reply, done) => {
    const endpoint = request.routeOptions.url ?? 'unknown';
    seconds.observe({ method: request.method, endpoint }, reply.elapsedTime / 1_000);
    requests.inc({ method: request.method, endpoint, status: reply.statusCode });
    done();
  });
}

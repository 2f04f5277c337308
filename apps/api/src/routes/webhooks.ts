import { ROUTES } from '@pco/shared/contracts/http';
import { AppError } from '@pco/shared/errors';
import { isSigned } from '@pco/shared/plane';
import { createWebhookStore } from '@pco/shared/redis';
import { MINUTE_MS } from '@pco/shared/time';
import type { FastifyPluginAsync } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import { serve } from '../app/serve.ts';
import { takeDelivery } from '../take-delivery.ts';
import { addWebhookMetrics } from '../webhook-metrics.ts';

/**
 * `POST /webhooks/plane`: a delivery makes us look at a work item, and that is all it does (B-065). Its access is the
 * signature over its raw bytes, so nothing is parsed before that is checked.
 */
export const addWebhookRoute =
  ({ config, core, log }: ApiContext): FastifyPluginAsync =>
  async (app) => {
    const { secrets } = config.webhooks;
    const webhooks = createWebhookStore(core.redis);
    const count = addWebhookMetrics(core.registry);
    const tellOfForged = seldom(MINUTE_MS, (times) =>
      log.warn({ event: 'webhooks.forged', times }, 'webhook refused, its signature is of none of webhooks.secrets'),
    );
    app.removeAllContentTypeParsers();
    // larger ones are refused; the next poll sees what they told
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    app.addHook('onError', async (_request, _reply, err) => {
      if (err.statusCode === 413) count('too_large');
    });
    serve(app, ROUTES.planeWebhook, async (request) => {
      if (secrets.length === 0) {
        count('off');
        throw new AppError('ROUTE_DISABLED', {
          why: 'set webhooks.secrets to the secret that Plane shows for the webhook',
        });
      }
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      if (!isSigned(body, request.headers['x-plane-signature'], secrets)) {
        count('forged');
        tellOfForged();
        throw new AppError('SIGNATURE_INVALID', { why: 'expected X-Plane-Signature under one of webhooks.secrets' });
      }
      const outcome = await takeDelivery({ core, webhooks, log }, body, request.id).catch((err: unknown) => {
        count(err instanceof AppError && err.code === 'PAYLOAD_INVALID' ? 'unreadable' : 'failed');
        throw err;
      });
      count(outcome);
      const delivery = request.headers['x-plane-delivery'];
      log.debug({ event: 'webhooks.delivery', outcome, delivery, cid: request.id }, 'webhook taken');
      return { status: outcome };
    });
  };

/** At most one line in so long, saying how often: whoever forges deliveries must not fill the log. */
function seldom(everyMs: number, say: (times: number) => void): () => void {
  let times = 0;
  let saidAt = Number.NEGATIVE_INFINITY;
  return () => {
    times += 1;
    if (performance.now() - saidAt < everyMs) return;
    saidAt = performance.now();
    say(times);
    times = 0;
  };
}

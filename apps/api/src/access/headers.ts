import cors from '@fastify/cors';
import type { Config } from '@pco/shared/config';
import type { FastifyInstance } from 'fastify';

/** In every answer, so made once. */
const headersFor = ({ api }: Config): Readonly<Record<string, string>> => ({
  'content-security-policy': [
    "default-src 'self'",
    // the pages of Bull Board and of /docs set styles of elements
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join(';'),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': api.cors_origins.length > 0 ? 'cross-origin' : 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
  // only TLS may say that there is nothing but TLS
  ...(api.public_url?.startsWith('https:')
    ? { 'strict-transport-security': 'max-age=15552000; includeSubDomains' }
    : {}),
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
  'x-xss-protection': '0', // the filters of old browsers could be turned against a page
});

/**
 * What browsers are told about us. Pages of ours load nothing from elsewhere, run no inline scripts and stand in no
 * frame; pages of configured origins may call us, with the cookie. Before the guard: a browser asks first what it may
 * do, and without a token.
 */
export async function addSecurityHeaders(app: FastifyInstance, config: Config): Promise<void> {
  const { cors_origins: origins } = config.api;
  const headers = headersFor(config);
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
  if (origins.length === 0) return;
  await app.register(cors, {
    origin: [...origins],
    credentials: true,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  });
}

import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { Config } from '@pco/shared/config';
import type { FastifyInstance } from 'fastify';

/**
 * What browsers are told about us. Pages of ours load nothing from elsewhere, run no inline scripts and stand in no
 * frame; pages of configured origins may call us, with the cookie. Before the guard: a browser asks first what it may
 * do, and without a token.
 */
export async function addSecurityHeaders(app: FastifyInstance, { api }: Config): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // the pages of Bull Board and of /docs set styles of elements
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // only TLS may say that there is nothing but TLS
    strictTransportSecurity: api.public_url?.startsWith('https:') ? { maxAge: 15_552_000 } : false,
    crossOriginResourcePolicy: { policy: api.cors_origins.length > 0 ? 'cross-origin' : 'same-origin' },
    frameguard: { action: 'deny' },
  });
  await app.register(cors, {
    origin: api.cors_origins.length > 0 ? [...api.cors_origins] : false,
    credentials: api.cors_origins.length > 0,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  });
}

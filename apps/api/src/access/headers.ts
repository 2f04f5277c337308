import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import cors from '@fastify/cors';
import type { Config } from '@pco/shared/config';
import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';

/** What helmet says of this configuration. It is the same in every answer, so it is asked once. */
function headersFor({ api, transcription }: Config): Readonly<Record<string, string>> {
  const protect = helmet({
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
  const answer = new ServerResponse(new IncomingMessage(new Socket()));
  protect(answer.req, answer, (err) => {
    if (err) throw err;
  });
  const microphone = transcription.url === undefined ? '' : 'self'; // for who dictates
  return {
    ...Object.fromEntries(Object.entries(answer.getHeaders()).map(([name, value]) => [name, String(value)])),
    'permissions-policy': `camera=(), geolocation=(), microphone=(${microphone})`,
  };
}

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

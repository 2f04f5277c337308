import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';

/** What a person needs to act in Plane: a single page over the control endpoints, with nothing loaded from elsewhere. */
export function addPage(app: FastifyInstance): void {
  const html = readFileSync(new URL('./page.html', import.meta.url), 'utf8');
  app.get('/', async (_request, reply) =>
    reply
      .headers({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy':
          "default-src 'none'; connect-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'",
        'x-content-type-options': 'nosniff',
      })
      .send(html),
  );
}

import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import fastifyStatic from '@fastify/static';
import { ROUTES } from '@pco/shared/contracts/http';
import type { Logger } from '@pco/shared/log';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import type { Showing } from '../access/callers.ts';

/** Where the browser's page is; what logs a browser in leads here. */
export const DASHBOARD = '/dashboard/';
const BUILT = resolve(import.meta.dirname, '../../../dashboard/dist');
const YEAR_SECONDS = 31_536_000;
/** What the page shows first comes while its own script is still under way (the browser uses it for the same request of that). */
const FIRST = [ROUTES.me.path, ROUTES.inbox.path]
  .map((path) => `<${path}>; rel=preload; as=fetch; crossorigin`)
  .join(', ');

export interface DashboardOptions {
  readonly log: Logger;
  /** Whether what the page shows will probably be answered; of others it is not asked. */
  readonly isKnown: (request: Showing) => boolean;
  /** The folder of the built page. */
  readonly built?: string;
}

/**
 * The page that people use. It is open: it holds nothing, and what it asks for is refused without a role. Files under
 * `assets` are named by their content; the page that names them is asked for anew each time (B-207).
 */
export async function addDashboard(
  app: FastifyInstance,
  { log, isKnown, built = BUILT }: DashboardOptions,
): Promise<void> {
  if (!existsSync(resolve(built, 'index.html'))) {
    log.warn('there is no dashboard: it was not built');
    return;
  }
  // in a scope of its own, because pages of others bring the same plugin
  const plugin: FastifyPluginAsync = async (scope) => {
    await scope.register(fastifyStatic, {
      root: built,
      prefix: DASHBOARD,
      wildcard: false, // each file is a route
      cacheControl: false,
      preCompressed: true,
      setHeaders: (reply, path) => {
        const isNamedByContent = path.includes('/assets/');
        void reply.header(
          'cache-control',
          isNamedByContent ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache',
        );
        if (path.endsWith('.html') && isKnown(reply.request)) void reply.header('link', FIRST);
      },
    });
    // the addresses of its pages are the page's own affair (B-207); what looks like a file, and is none, is not found
    scope.get(`${DASHBOARD}*`, (request, reply) =>
      extname(request.url.split('?', 1)[0] ?? '') === '' ? reply.sendFile('index.html') : reply.callNotFound(),
    );
  };
  await app.register(plugin);
}

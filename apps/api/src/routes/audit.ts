import { ROUTES } from '@pco/shared/contracts/http';
import type { AuditStore } from '@pco/shared/redis';
import { iso } from '@pco/shared/time';
import type { FastifyInstance } from 'fastify';
import { serve } from '../app/serve.ts';

/** Who changed what, newest first. */
export function addAuditRoute(app: FastifyInstance, audit: AuditStore): void {
  serve(app, ROUTES.audit, async ({ query: { limit, before } }) => {
    const found = await audit.page(limit, before);
    const entries = found.map(({ at, ticketId, requestId, ...entry }) => ({
      ...entry,
      at: iso(at),
      ticket_id: ticketId ?? null,
      request_id: requestId,
    }));
    return { entries, next: found.length === limit ? (found.at(-1)?.id ?? null) : null };
  });
}

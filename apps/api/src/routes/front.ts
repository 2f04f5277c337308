import { ROUTES } from '@pco/shared/contracts/http';
import type { FastifyInstance } from 'fastify';
import { serve } from '../app/serve.ts';

const TEXT = `plane-claude-orchestrator

/dashboard/               the page for people
/api/pending-tickets      tickets that wait for approval       POST /api/approve/{ticket}
/api/active-sessions      tickets whose session runs           DELETE /api/tickets/{ticket} cancels
/api/completed-tickets    summaries that wait for approval     POST /api/update-plane/{ticket} {"summary": "…"}
/api/failed-tickets       interrupted tickets                  POST /api/tickets/{ticket}/retry
/api/tickets              all of them, ?status= ?project= ?text= ?limit= ?cursor=
/api/inbox                what needs a person now, ranked, page by page
/api/tickets/{ticket}     one ticket with its history
/api/tickets/{ticket}/transcript   what its agent says and does; /stream live
/api/export               the lists as one document          POST /api/import
/api/events               what happens, as it happens (server-sent events)
/admin/queues             every queue and its failed jobs
/docs                     every operation, for people           /openapi.json for programs
/health  /metrics
`;

/** Whoever opens the address that `ready` names learns what is behind it. */
export function addFrontRoute(app: FastifyInstance): void {
  serve(app, ROUTES.front, async () => TEXT);
}

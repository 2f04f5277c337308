import { type AnswerOf, type ErrorBody, ROUTES, type RouteName } from '@pco/shared/contracts/http';
import { isStateTrouble, isTakenBack, type Ticket, type TicketEventInput } from '@pco/shared/domain';
import type { Answer } from '@pco/shared/engine';
import { AppError } from '@pco/shared/errors';
import { iso, SECOND_MS } from '@pco/shared/time';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Caller } from '../access/callers.ts';
import type { ApiContext } from '../api-context.ts';
import { serve } from '../app/serve.ts';
import { givingUp } from '../lost-runner.ts';
import { promisedSession } from '../ticket-view.ts';

/** What people decide: start, send to Plane, try again, give up. */
export function addDecisionRoutes(app: FastifyInstance, context: ApiContext): void {
  const { core, config, feed } = context;
  const say = createSay(context);

  serve(app, ROUTES.approve, async (request, reply) => {
    const { ticketId } = request.params;
    await say({ type: 'person.approved', ticketId }, request);
    const isDecided = (now: Ticket | null) => now === null || !STARTING.has(now.status);
    const ticket = await feed.waitFor(ticketId, isDecided, request.query.wait * SECOND_MS);
    return answerApproval(reply, ticket, config.automation.session_prefix);
  });

  serve(app, ROUTES.updatePlane, async (request, reply) => {
    const { ticketId } = request.params;
    await say({ type: 'person.update_approved', ticketId, summary: request.body.summary }, request);
    const isDecided = (now: Ticket | null) => now?.status !== 'updating' || hasParked(now);
    const ticket = await feed.waitFor(ticketId, isDecided, request.query.wait * SECOND_MS);
    return answerUpdate(reply, ticket);
  });

  serve(app, ROUTES.editSummary, async (request) => {
    const { ticketId } = request.params;
    await say({ type: 'person.summary_edited', ticketId, summary: request.body.summary }, request);
    return { status: 'saved', ticket_id: ticketId };
  });

  const cancel = async (request: Sayer & { readonly params: { readonly ticketId: string } }) => {
    const { ticketId } = request.params;
    await say({ type: 'person.cancelled', ticketId }, request);
    return ticketId;
  };
  serve(app, ROUTES.deleteTicket, async (request) => ({ status: 'deleted', ticket_id: await cancel(request) }));
  serve(app, ROUTES.cancel, async (request) => ({ status: 'cancelled', ticket_id: await cancel(request) }));

  serve(app, ROUTES.retry, async (request) => {
    const { ticketId } = request.params;
    const { resume, elsewhere } = request.body;
    const how = { ...(resume ? { resume } : {}), ...(elsewhere ? await givingUp(core, ticketId) : {}) };
    const answer = await say({ type: 'person.retried', ticketId, ...how }, request);
    return { status: answer.kind === 'changed' ? 'retried' : 'unchanged', ticket_id: ticketId };
  });

  serve(app, ROUTES.reject, async (request) => {
    const { ticketId } = request.params;
    await say({ type: 'person.rejected', ticketId, text: request.body.text }, request);
    return { status: 'rejected', ticket_id: ticketId };
  });
}

/** What people say to a working agent. Whether it reached the agent shows in the ticket. */
export function addTalkRoutes(app: FastifyInstance, context: ApiContext): void {
  const say = createSay(context);

  serve(app, ROUTES.send, async (request) => {
    const { ticketId } = request.params;
    await say({ type: 'person.sent', ticketId, text: request.body.text }, request);
    return { status: 'sending', ticket_id: ticketId };
  });
  serve(app, ROUTES.answer, async (request) => {
    const { ticketId } = request.params;
    await say({ type: 'person.answered', ticketId, answer: request.body.answer }, request);
    return { status: 'sending', ticket_id: ticketId };
  });
  serve(app, ROUTES.interrupt, async (request) => {
    const { ticketId } = request.params;
    await say({ type: 'person.interrupted', ticketId }, request);
    return { status: 'sending', ticket_id: ticketId };
  });
  serve(app, ROUTES.stop, async (request) => {
    const { ticketId } = request.params;
    await say({ type: 'person.stopped', ticketId }, request);
    return { status: 'stopping', ticket_id: ticketId };
  });
}

/** The request of whoever decides. */
interface Sayer {
  readonly id: string;
  readonly caller: Caller | null;
}
type Said = Omit<Extract<TicketEventInput, { by: string }>, 'id' | 'cid' | 'by'> & {
  text?: string;
  summary?: string;
  answer?: string;
  resume?: boolean;
  givesUp?: string;
};

/** Tells a ticket what a person wants of it; what it refuses is thrown. */
const createSay =
  ({ core }: ApiContext) =>
  async (event: Said, { id: reqId, caller }: Sayer): Promise<Answer> => {
    const by = caller?.name ?? 'nobody';
    // one request id may come with several requests: whoever gives it may mean a page or a click; and no caller can use
    // up the ids of another
    const id = `req-${reqId}-${by}-${event.type}-${event.ticketId}`;
    const answer = await core.apply({ ...event, by, id, cid: reqId } as TicketEventInput, { once: true }); // these complete it
    if (answer.kind === 'refused') throw new AppError(answer.code, { why: answer.why });
    return answer;
  };

type Answered<Name extends RouteName> = AnswerOf<(typeof ROUTES)[Name]> | ErrorBody;

const STARTING: ReadonlySet<string> = new Set(['approved', 'starting']);
const hasParked = (ticket: Ticket): boolean => Object.values(ticket.open).some((effect) => effect.parked);

/** 200 with the session, 202 while it is under way, 500 with the cause when it could not be started (B-084). */
function answerApproval(reply: FastifyReply, ticket: Ticket | null, prefix: string): Answered<'approve'> {
  if (!ticket) throw new AppError('TICKET_NOT_FOUND');
  if (ticket.status === 'cancelled' || isTakenBack(ticket.reason?.code)) return answerTakenBack(reply, ticket);
  if (ticket.status === 'failed') return answerFailed(reply, ticket, 'the session could not be started');
  const body = {
    session_id: promisedSession(ticket, prefix),
    ticket_id: ticket.id,
    created_at: iso(ticket.session?.startedAt ?? ticket.approvedAt ?? ticket.updatedAt),
  };
  if (!STARTING.has(ticket.status)) return body;
  void reply.status(202);
  return { ...body, status: 'queued', see: `/api/tickets/${ticket.id}` };
}

/** The real outcome (B-085, B-103): the comment is what counts, a state that could not be set is reported. */
function answerUpdate(reply: FastifyReply, ticket: Ticket | null): Answered<'updatePlane'> {
  if (!ticket) throw new AppError('TICKET_NOT_FOUND');
  const { status, reason, result } = ticket;
  if (status === 'cancelled') return answerTakenBack(reply, ticket);
  if (hasParked(ticket)) return answerFailed(reply, ticket, 'the comment failed');
  const isStateSet = status === 'done' && !isStateTrouble(reason?.code);
  const body = { ticket_id: ticket.id, comment_posted: result?.commentId !== undefined, state_updated: isStateSet };
  if (status === 'done') return { status: 'updated', ...body, ...(reason ? { warning: reason.text } : {}) };
  void reply.status(202);
  return { status: 'queued', ...body, see: `/api/tickets/${ticket.id}` };
}

/** Somebody took the ticket back while its answer waited, or its work item is gone. */
function answerTakenBack(reply: FastifyReply, { reason }: Ticket): ErrorBody {
  void reply.status(410);
  return { detail: reason?.text ?? 'the ticket was cancelled', code: reason?.code ?? 'CANCELLED' };
}

function answerFailed(reply: FastifyReply, { reason }: Ticket, otherwise: string): ErrorBody {
  void reply.status(500);
  return { detail: reason?.text ?? otherwise, code: reason?.code ?? 'INTERNAL' };
}

import {
  cleanText,
  isStateTrouble,
  MESSAGE_MAX,
  SUMMARY_MAX,
  type Ticket,
  type TicketEventInput,
  TicketId,
} from '@pco/shared/domain';
import type { Answer } from '@pco/shared/engine';
import { AppError } from '@pco/shared/errors';
import { iso, SECOND_MS } from '@pco/shared/time';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { type ApiContext, check, PERSON, WaitQuery } from '../api-context.ts';
import { givingUp } from '../lost-runner.ts';
import { promisedSession } from '../ticket-view.ts';

const TicketParams = z.strictObject({ ticketId: TicketId });
const Summary = z
  .string()
  .max(SUMMARY_MAX, `at most ${SUMMARY_MAX} characters`)
  .refine((text) => cleanText(text) !== '', 'must not be blank');
const Message = Summary.max(MESSAGE_MAX, `at most ${MESSAGE_MAX} characters`);
const AnswerBody = z.strictObject({ answer: z.string().regex(/^([1-9]|yes|no)$/, 'a digit, "yes" or "no"') });
/** `elsewhere`: its runner is gone, another one is to go on from the branch as it was pushed. */
const RetryBody = z.strictObject({ resume: z.boolean().optional(), elsewhere: z.boolean().optional() });
const NoBody = z.union([z.null(), z.undefined(), z.strictObject({})]);

/** What people decide: start, send to Plane, answer, try again, give up. */
export function addDecisionRoutes(app: FastifyInstance, context: ApiContext): void {
  const { core, config, feed } = context;
  const say = async (event: Said, reqId: string): Promise<Answer> => {
    // one request id may come with several requests: whoever gives it may mean a page or a click
    const id = `req-${reqId}-${event.type}-${event.ticketId}`;
    const answer = await core.apply({ ...event, id, cid: reqId } as TicketEventInput, { once: true }); // the id and cid complete it
    if (answer.kind === 'refused') throw new AppError(answer.code, { why: answer.why });
    return answer;
  };
  const ticketOf = (params: unknown): string => check(TicketParams, params, 'path').ticketId;
  const wait = (query: unknown): number => check(WaitQuery, query, 'query').wait * SECOND_MS;

  app.post('/api/approve/:ticketId', async (request, reply) => {
    const ticketId = ticketOf(request.params);
    const timeoutMs = wait(request.query);
    check(NoBody, request.body, 'body');
    await say({ type: 'person.approved', ticketId, by: PERSON }, request.id);
    const ticket = await feed.waitFor(ticketId, (now) => now === null || !STARTING.has(now.status), timeoutMs);
    return answerApproval(reply, ticket, config.automation.session_prefix);
  });

  app.post('/api/update-plane/:ticketId', async (request, reply) => {
    const ticketId = ticketOf(request.params);
    const timeoutMs = wait(request.query);
    const { summary } = check(z.strictObject({ summary: Summary }), request.body, 'body');
    await say({ type: 'person.update_approved', ticketId, by: PERSON, summary }, request.id);
    const ticket = await feed.waitFor(ticketId, (now) => now?.status !== 'updating' || hasParked(now), timeoutMs);
    return answerUpdate(reply, ticket);
  });

  app.delete('/api/tickets/:ticketId', async (request) => {
    const ticketId = ticketOf(request.params);
    await say({ type: 'person.cancelled', ticketId, by: PERSON }, request.id);
    return { status: 'deleted', ticket_id: ticketId };
  });

  app.post('/api/tickets/:ticketId/retry', async (request) => {
    const ticketId = ticketOf(request.params);
    const { resume, elsewhere } = check(RetryBody, request.body, 'body');
    const how = { ...(resume ? { resume } : {}), ...(elsewhere ? await givingUp(core, ticketId) : {}) };
    const answer = await say({ type: 'person.retried', ticketId, by: PERSON, ...how }, request.id);
    return { status: answer.kind === 'changed' ? 'retried' : 'unchanged', ticket_id: ticketId };
  });

  const tell = (verb: string, read: (body: unknown) => Told, status: string) =>
    app.post(`/api/tickets/:ticketId/${verb}`, async (request) => {
      const ticketId = ticketOf(request.params);
      await say({ ...read(request.body), ticketId, by: PERSON }, request.id);
      return { status, ticket_id: ticketId }; // whether it reached the agent shows in the ticket
    });
  tell(
    'send',
    (body) => ({ type: 'person.sent', ...check(z.strictObject({ text: Message }), body, 'body') }),
    'sending',
  );
  tell('answer', (body) => ({ type: 'person.answered', ...check(AnswerBody, body, 'body') }), 'sending');
  tell('interrupt', (body) => ({ type: 'person.interrupted', ...check(z.strictObject({}), body, 'body') }), 'sending');
  tell('stop', (body) => ({ type: 'person.stopped', ...check(z.strictObject({}), body, 'body') }), 'stopping');

  app.post('/api/tickets/:ticketId/reject', async (request) => {
    const ticketId = ticketOf(request.params);
    const { text } = check(z.strictObject({ text: Summary }), request.body, 'body');
    await say({ type: 'person.rejected', ticketId, by: PERSON, text }, request.id);
    return { status: 'rejected', ticket_id: ticketId };
  });
}

type Said = Omit<Extract<TicketEventInput, { by: string }>, 'id' | 'cid'> & {
  text?: string;
  summary?: string;
  answer?: string;
  resume?: boolean;
  givesUp?: string;
};
type Told = Omit<Said, 'ticketId' | 'by'>;

const STARTING: ReadonlySet<string> = new Set(['approved', 'starting']);
const hasParked = (ticket: Ticket): boolean => Object.values(ticket.open).some((effect) => effect.parked);

/** 200 with the session, 202 while it is under way, 500 with the cause when it could not be started (B-084). */
function answerApproval(reply: FastifyReply, ticket: Ticket | null, prefix: string) {
  if (!ticket) throw new AppError('TICKET_NOT_FOUND');
  if (ticket.status === 'cancelled') return answerCancelled(reply, ticket);
  if (ticket.status === 'failed')
    return reply
      .status(500)
      .send({ detail: ticket.reason?.text ?? 'the session could not be started', code: ticket.reason?.code });
  const body = {
    session_id: promisedSession(ticket, prefix),
    ticket_id: ticket.id,
    created_at: iso(ticket.session?.startedAt ?? ticket.approvedAt ?? ticket.updatedAt),
  };
  if (!STARTING.has(ticket.status)) return body;
  return reply.status(202).send({ ...body, status: 'queued', see: `/api/tickets/${ticket.id}` });
}

/** Somebody took the ticket back while its answer waited, or its work item is gone. */
const answerCancelled = (reply: FastifyReply, { reason }: Ticket) =>
  reply.status(410).send({ detail: reason?.text ?? 'the ticket was cancelled', code: reason?.code ?? 'CANCELLED' });

/** The real outcome (B-085, B-103): the comment is what counts, a state that could not be set is reported. */
function answerUpdate(reply: FastifyReply, ticket: Ticket | null) {
  if (!ticket) throw new AppError('TICKET_NOT_FOUND');
  const { status, reason, result } = ticket;
  if (status === 'cancelled') return answerCancelled(reply, ticket);
  if (hasParked(ticket))
    return reply.status(500).send({ detail: reason?.text ?? 'the comment failed', code: reason?.code });
  const posted = result?.commentId !== undefined;
  const isStateSet = status === 'done' && !isStateTrouble(reason?.code);
  const body = { ticket_id: ticket.id, comment_posted: posted, state_updated: isStateSet };
  if (status === 'done') return { status: 'updated', ...body, ...(reason ? { warning: reason.text } : {}) };
  return reply.status(202).send({ status: 'queued', ...body, see: `/api/tickets/${ticket.id}` });
}

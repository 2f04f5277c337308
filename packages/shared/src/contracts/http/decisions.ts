import { z } from 'zod';
import { cleanText } from '../../domain/clean-text.ts';
import { TicketId, WorkItemUuid } from '../../domain/ids.ts';
import { MESSAGE_MAX, SUMMARY_MAX, TriggerType } from '../../domain/ticket.ts';
import { ANSWER } from './answer.ts';
import { Queued, TicketParams, Time, WaitQuery } from './common.ts';
import { defineRoute } from './route.ts';

const text = (max: number) =>
  z
    .string()
    .max(max, `at most ${max} characters`)
    .refine((given) => cleanText(given) !== '', 'must not be blank');
const Summary = text(SUMMARY_MAX);
const Message = text(MESSAGE_MAX);
export const SummaryBody = z.strictObject({ summary: Summary });
const TextBody = z.strictObject({ text: Summary });

const Approval = z.object({ session_id: z.string(), ticket_id: TicketId, created_at: Time });
const Update = z.object({ ticket_id: TicketId, comment_posted: z.boolean(), state_updated: z.boolean() });
const told = <Status extends string>(...statuses: [Status, ...Status[]]) =>
  z.object({ status: z.enum(statuses), ticket_id: TicketId });

/** What a person may do to a ticket. `answers` say that it was taken; what became of it shows in the ticket. */
const decision = { tag: 'decisions', role: 'operator', params: TicketParams, refusals: [409] } as const;
const talk = { ...decision, method: 'POST', tag: 'sessions' } as const;

const When = z.string().refine((given) => !Number.isNaN(Date.parse(given)), 'not a time');
/** A ticket without a work item, as the documented call sends it (B-087). */
export const TestTicket = z.strictObject({
  id: TicketId,
  uuid: WorkItemUuid,
  project_id: z.string().min(1).max(64),
  title: z.string().max(255),
  description: z.string().nullable(),
  created_at: When,
  trigger_type: TriggerType.default('manual_test'),
  summary: z.string().nullish(),
  updated_at: When.nullish(),
  completed_at: When.nullish(),
});

export const decisionRoutes = {
  approve: defineRoute({
    ...decision,
    method: 'POST',
    path: '/api/approve/:ticketId',
    summary: 'Approve: start a session. Repeated, it answers like the first time',
    query: WaitQuery,
    answers: { 200: Approval, 202: Approval.extend(Queued) },
    refusals: [409, 410, 500],
  }),
  updatePlane: defineRoute({
    ...decision,
    method: 'POST',
    path: '/api/update-plane/:ticketId',
    summary: 'Approve the summary: write the comment and the state to Plane',
    query: WaitQuery,
    body: SummaryBody,
    answers: {
      200: Update.extend({ status: z.literal('updated'), warning: z.string().optional() }),
      202: Update.extend(Queued),
    },
    refusals: [409, 410, 500],
  }),
  deleteTicket: defineRoute({
    ...decision,
    method: 'DELETE',
    path: '/api/tickets/:ticketId',
    summary: 'Cancel a ticket; ends its session',
    answers: { 200: told('deleted') },
  }),
  cancel: defineRoute({
    ...decision,
    method: 'POST',
    path: '/api/tickets/:ticketId/cancel',
    summary: 'The same as DELETE, for programs that only post',
    answers: { 200: told('cancelled') },
  }),
  editSummary: defineRoute({
    ...decision,
    method: 'PATCH',
    path: '/api/tickets/:ticketId',
    summary: 'Edit the summary of a completed ticket before it is sent',
    body: SummaryBody,
    answers: { 200: told('saved') },
  }),
  retry: defineRoute({
    ...decision,
    method: 'POST',
    path: '/api/tickets/:ticketId/retry',
    summary: 'A new attempt after a failure, or a failed write once more',
    body: z.strictObject({
      resume: z.boolean().optional().describe("Go on in the agent's earlier conversation, where that still exists"),
      elsewhere: z
        .boolean()
        .optional()
        .describe('Its runner is gone: another one is to go on from the branch as it was pushed'),
    }),
    answers: { 200: told('retried', 'unchanged') },
  }),
  reject: defineRoute({
    ...decision,
    method: 'POST',
    path: '/api/tickets/:ticketId/reject',
    summary: 'Not good enough: back to the agent, in its session or a new one',
    body: TextBody,
    answers: { 200: told('rejected') },
  }),
  complete: defineRoute({
    ...decision,
    method: 'POST',
    path: '/api/tickets/:ticketId/complete',
    summary: "Complete the ticket's session: by an operator, or by the session itself with its own token",
    body: SummaryBody,
    answers: { 200: told('completed') },
    proof: 'session-token',
  }),
  send: defineRoute({
    ...talk,
    path: '/api/tickets/:ticketId/send',
    summary: 'Type a text into the session',
    body: z.strictObject({ text: Message }),
    answers: { 200: told('sending') },
  }),
  answer: defineRoute({
    ...talk,
    path: '/api/tickets/:ticketId/answer',
    summary: 'Answer what the agent asks right now',
    body: z.strictObject({ answer: z.string().regex(ANSWER, 'a digit, "yes" or "no"') }),
    answers: { 200: told('sending') },
  }),
  interrupt: defineRoute({
    ...talk,
    path: '/api/tickets/:ticketId/interrupt',
    summary: "End the agent's turn",
    answers: { 200: told('sending') },
  }),
  stop: defineRoute({
    ...talk,
    path: '/api/tickets/:ticketId/stop',
    summary: 'End the session; branch and worktree stay',
    answers: { 200: told('stopping') },
  }),
  addTestTicket: defineRoute({
    method: 'POST',
    path: '/api/test/add-ticket',
    role: 'admin',
    tag: 'operations',
    summary: 'Add a ticket without a work item, to try the flow. Off unless configured',
    body: TestTicket,
    answers: { 200: TestTicket.extend({ description: z.string() }) },
    refusals: [404, 409],
  }),
};

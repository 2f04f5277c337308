import { z } from 'zod';
import { TicketParams, Time } from './common.ts';
import { defineRoute } from './route.ts';

const Text = z.string().max(100).optional();
const Mode = z.enum(['view', 'control']);

/** `ticket`, `session` and `mode` are the api's; the rest goes to the terminal service as it is. */
const TerminalQuery = z.strictObject({
  ticket: Text.describe('A terminal ticket, for browsers: a WebSocket cannot send a header'),
  session: Text.describe('Another session of the ticket than its present one'),
  mode: Text.describe('`control` (operators) to type, `view` to look'),
  from: Text,
  recording: Text,
  cols: Text,
  rows: Text,
  at: Text,
  speed: Text,
});

const sockets = {
  method: 'GET',
  role: 'viewer',
  tag: 'sessions',
  // looked at when the socket is open: a browser is told nothing of a refusal before
  params: z.strictObject({ ticketId: z.string().max(64) }),
  query: TerminalQuery,
  proof: 'terminal-ticket',
  media: 'text/plain',
  answers: { 101: z.string() },
  refusals: [426],
} as const;

const RecordingView = z.object({
  name: z.string(),
  session_id: z.string(),
  started_at: Time,
  bytes: z.number(),
  ended: z.boolean(),
});

export const terminalRoutes = {
  terminal: defineRoute({
    ...sockets,
    path: '/api/tickets/:ticketId/terminal',
    summary: "WebSocket: the session's live terminal",
  }),
  replay: defineRoute({
    ...sockets,
    path: '/api/tickets/:ticketId/replay',
    summary: 'WebSocket: what a session printed, as it was',
  }),
  createTerminalTicket: defineRoute({
    method: 'POST',
    path: '/api/tickets/:ticketId/terminal-tickets',
    role: 'viewer',
    tag: 'sessions',
    summary: 'A ticket that opens one terminal, once, within 30 seconds; `control` is for operators',
    params: TicketParams,
    body: z.strictObject({ mode: Mode.default('view') }),
    answers: { 201: z.object({ ticket: z.string(), expiresAt: Time, mode: Mode }) },
  }),
  recordings: defineRoute({
    method: 'GET',
    path: '/api/tickets/:ticketId/recordings',
    role: 'viewer',
    tag: 'sessions',
    summary: "What is kept of the output of the ticket's sessions",
    params: TicketParams,
    answers: { 200: z.array(RecordingView) },
  }),
  recording: defineRoute({
    method: 'GET',
    path: '/api/tickets/:ticketId/recordings/:name',
    role: 'viewer',
    tag: 'sessions',
    summary: 'A recording as asciicast v2, without its secrets',
    params: TicketParams.extend({ name: z.string().max(100) }),
    media: 'application/x-asciicast',
    answers: { 200: z.string() },
  }),
};

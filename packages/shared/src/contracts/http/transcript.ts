import { z } from 'zod';
import { SessionId } from '../../domain/ids.ts';
import { TicketParams } from './common.ts';
import { defineRoute } from './route.ts';

/** What stands in one line of an agent's transcript, for people and programs that follow its work. Secrets are left out. */
const TranscriptBlock = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text: z.string(), cut: z.boolean() }),
  z.object({ kind: z.literal('thinking'), text: z.string(), cut: z.boolean() }),
  /** `input`: JSON as text. */
  z.object({ kind: z.literal('tool_call'), id: z.string(), name: z.string(), input: z.string(), cut: z.boolean() }),
  z.object({
    kind: z.literal('tool_result'),
    id: z.string(),
    is_error: z.boolean(),
    text: z.string(),
    cut: z.boolean(),
  }),
]);
export type TranscriptBlock = z.output<typeof TranscriptBlock>;

export const TranscriptEntry = z
  .object({
    line: z.int().describe('Its line; numbers rise, with gaps'),
    at: z.string().nullable(),
    role: z.enum(['user', 'assistant', 'cost', 'too_long']),
    model: z.string().nullable(),
    blocks: z.array(TranscriptBlock),
    tokens: z.number().nullable().describe('Of the answer that this is a part of: read, written and cached'),
    cost_usd: z.number().nullable().describe('Of the whole conversation up to here, where the agent says it'),
  })
  .meta({ id: 'TranscriptEntry' });
export type TranscriptEntry = z.output<typeof TranscriptEntry>;

export const TranscriptPage = z
  .object({
    session_id: z.string(),
    entries: z.array(TranscriptEntry),
    next: z.int().nullable().describe('The `after` of the next page; null at the present end'),
    used: z.object({ turns: z.number(), tokens: z.number(), cost_usd: z.number() }).nullable(),
  })
  .meta({ id: 'TranscriptPage' });
export type TranscriptPage = z.output<typeof TranscriptPage>;

/** What the session-worker takes. */
export const TranscriptQuery = z.object({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

const after = z.coerce.number().int().min(0).optional().describe('Number of the last line that is known already');
const session = SessionId.optional().describe('Another session of the ticket than its present one');

export const transcriptRoutes = {
  transcript: defineRoute({
    method: 'GET',
    path: '/api/tickets/:ticketId/transcript',
    role: 'viewer',
    tag: 'sessions',
    summary: 'What the agent of a ticket says and does, as pages',
    params: TicketParams,
    query: z.strictObject({ session, after, limit: z.coerce.number().int().min(1).max(500).optional() }),
    answers: { 200: TranscriptPage },
  }),
  transcriptStream: defineRoute({
    method: 'GET',
    path: '/api/tickets/:ticketId/transcript/stream',
    role: 'viewer',
    tag: 'sessions',
    summary: 'The same live: server-sent events that resume after Last-Event-ID, the number of a line',
    params: TicketParams,
    query: z.strictObject({ session, after }),
    media: 'text/event-stream',
    answers: { 200: z.string() },
  }),
};

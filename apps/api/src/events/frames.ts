import { FeedHello, type FeedReset, TicketChange } from '@pco/shared/contracts/http';
import type { StreamEntry } from '@pco/shared/redis';
import { iso } from '@pco/shared/time';
import { z } from 'zod';

/** One event as it goes over the wire. */
export interface Frame {
  readonly id: string;
  readonly ticketId: string;
  readonly text: string;
}

/** What we read of an event; what people, agents and Plane said stays behind. */
const Told = z.object({
  type: z.string(),
  from: z.string().nullish(),
  to: z.string().nullish(),
  by: z.string().optional(),
  session: z.string().optional(),
  reason: z.object({ code: z.string() }).optional(),
});

export function frameOf({ id, ticketId, version, event }: StreamEntry): Frame {
  const { type, from = null, to = null, by, session, reason } = readTold(event);
  const change = TicketChange.safeParse({
    ticket_id: ticketId,
    version,
    at: iso(Number(id.slice(0, id.indexOf('-')))),
    type,
    from,
    to,
    by,
    session_id: session,
    reason_code: reason?.code,
  });
  // written by a newer version in words that we do not know: its id counts all the same
  const text = change.success ? `id: ${id}\nevent: ticket\ndata: ${JSON.stringify(change.data)}\n\n` : idFrame(id);
  return { id, ticketId, text };
}

function readTold(event: string): z.output<typeof Told> {
  try {
    return Told.parse(JSON.parse(event));
  } catch {
    return { type: 'unknown' };
  }
}

/** Moves the reader's `Last-Event-ID` on and tells it nothing. */
const idFrame = (id: string): string => `id: ${id}\n\n`;

/** Keeps what lies between from closing the connection; with the id, a reader of few events comes back to here. */
export const heartbeatFrame = (id: string): string => `: heartbeat\n${idFrame(id)}`;

/** Time after which a browser comes back, ms. */
const RETRY_MS = 1_000;

/** Without an id where a reset follows: a reader that is cut off in between must not believe that it missed nothing. */
export const helloFrame = (id: string | null, heartbeatSeconds: number): string =>
  `retry: ${RETRY_MS}\n${id === null ? '' : `id: ${id}\n`}event: hello\ndata: ${JSON.stringify(FeedHello.parse({ heartbeat: heartbeatSeconds }))}\n\n`;

export const resetFrame = (id: string, why: FeedReset['why']): string =>
  `id: ${id}\nevent: reset\ndata: ${JSON.stringify({ why } satisfies FeedReset)}\n\n`;

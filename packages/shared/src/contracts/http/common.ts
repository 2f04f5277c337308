import { z } from 'zod';
import { TicketId } from '../../domain/ids.ts';

export const Time = z.iso.datetime().describe('UTC, ISO 8601');

export const TicketParams = z.strictObject({ ticketId: TicketId });

export const WAIT_MAX_SECONDS = 30;

/** How long an answer may wait for the outcome; after that it says where to look. */
export const WaitQuery = z.strictObject({
  wait: z.coerce
    .number()
    .min(0)
    .max(WAIT_MAX_SECONDS)
    .default(5)
    .describe('Seconds to wait for the outcome; after that the answer is 202 with `status: "queued"`'),
});

/** Part of an answer that could not wait any longer. */
export const Queued = { status: z.literal('queued'), see: z.string().describe('Where the outcome will show') };

/** Why an approved ticket has no session yet, in words that say what to do about it. */
export const StartWait = z.object({
  code: z.enum(['NO_RUNNER', 'NO_ROOM', 'SLOTS', 'LIMIT', 'REPOSITORY', 'EARLIER_SESSION']),
  why: z.string(),
});

import { z } from 'zod';

/**
 * Plane's key of a work item, `ACME-16`; a ticket made by hand may end in a word, `ACME-TEST` (B-001).
 * It becomes part of file names, branches, session names and queue keys, so nothing else is ever let in.
 */
export const TicketId = z
  .string()
  .regex(
    /^[A-Z][A-Z0-9]{0,11}-(?:[0-9]{1,9}|[A-Z0-9]{1,16})$/,
    'a ticket key looks like ACME-16: upper-case letters and digits, a hyphen, a number',
  );
export type TicketId = z.output<typeof TicketId>;

/** Plane's UUID of a work item; a ticket made by hand may carry any short text (B-001). */
export const WorkItemUuid = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, "_" and "-", at most 64');

/** Name of a tmux session: tmux gives `.` and `:` a meaning of their own (B-006). */
export const SessionId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, "_" and "-", at most 64');

/** Names of runners, pools and stages. */
export const Slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'lower-case letters, digits and "-", at most 32');

/** `<ticket>-v<version>-<n>`: version of the commit that opened the effect. Never reused; also the BullMQ job id. */
export const EffectId = z.string().regex(/^[A-Z][A-Z0-9]{0,11}-[A-Z0-9]{1,16}-v\d{1,12}-\d{1,4}$/, 'not an effect id');

/** The n-th session of a ticket: the first carries the bare key, later ones `-2`, `-3`, … (B-091). */
export const sessionName = (prefix: string, ticketId: string, sequence: number): string =>
  sequence <= 1 ? `${prefix}${ticketId}` : `${prefix}${ticketId}-${sequence}`;

import { TicketId } from '@pco/shared/domain';
import { AppError } from '@pco/shared/errors';
import { z } from 'zod';

/** Where a ticket stands in the inbox. */
export interface InboxPlace {
  readonly kind: number;
  readonly urgency: number;
  readonly since: number;
  readonly id: string;
}

/** Behind which place the next page begins: it holds when that ticket has been decided meanwhile. */
export const inboxCursor = ({ kind, urgency, since, id }: InboxPlace): string =>
  Buffer.from([kind, urgency, since, id].join('.')).toString('base64url');

const Whole = z.coerce.number().int().nonnegative();
const Parts = z.tuple([Whole, Whole, Whole, TicketId]);

/** @throws AppError PAYLOAD_INVALID */
export function inboxPlace(cursor: string): InboxPlace {
  const parts = Parts.safeParse(Buffer.from(cursor, 'base64url').toString().split('.'));
  if (!parts.success) {
    const msg = 'is no cursor of ours; leave it out to begin anew';
    throw new AppError('PAYLOAD_INVALID', { why: `cursor ${msg}`, issues: [{ loc: ['query', 'cursor'], msg }] });
  }
  const [kind, urgency, since, id] = parts.data;
  return { kind, urgency, since, id };
}

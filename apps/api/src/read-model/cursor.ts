import { TicketId } from '@pco/shared/domain';
import { AppError } from '@pco/shared/errors';
import { z } from 'zod';
import type { Place } from './sorted.ts';

/**
 * A cursor says behind which ticket the next page begins, not how many were shown: it holds for every replica, over
 * restarts, and when that ticket is gone.
 */
export const cursorOf = ({ begunAt, id }: Place): string => Buffer.from(`${begunAt}.${id}`).toString('base64url');

const Parts = z.tuple([z.coerce.number().int().nonnegative(), TicketId]);

/** @throws AppError PAYLOAD_INVALID */
export function placeOf(cursor: string): Place {
  const text = Buffer.from(cursor, 'base64url').toString();
  const dot = text.indexOf('.');
  const parts = Parts.safeParse([text.slice(0, dot), text.slice(dot + 1)]);
  if (!parts.success) {
    const msg = 'is no cursor of ours; leave it out to begin anew';
    throw new AppError('PAYLOAD_INVALID', { why: `cursor ${msg}`, issues: [{ loc: ['query', 'cursor'], msg }] });
  }
  const [begunAt, id] = parts.data;
  return { begunAt, id };
}

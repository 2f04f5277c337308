import { AppError } from '@pco/shared/errors';
import { z } from 'zod';
import { CONTROL_SESSION } from './tmux-link.ts';

const SESSION_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Text that tmux keeps in an option and lists in a line of its own (B-151). */
export const Label = z.string().regex(/^[^\p{Cc}\p{Cs}]{1,256}$/u, 'must be 1 to 256 printable characters');
export const SourceName = z.enum(['web', 'ssh', 'automation']);

/**
 * creating → running → ended; `creating` is on disk before tmux is asked, so that a crash in between is noticed.
 * A record is kept after the end because a session with an effect must never start again.
 */
export const SessionRecord = z.object({
  sessionId: z.string().regex(SESSION_ID),
  projectId: z.string().nullable().default(null),
  /** Files of an earlier form held one shell string. */
  command: z.union([z.array(z.string()), z.string().transform((text) => [text])]).default([]),
  cwd: z.string().default('/'),
  effect: z.string().nullable().default(null),
  /** Whose session it is; a label of the caller's. */
  owner: z.string().nullable().default(null),
  /** Where its output is kept; null when it is not recorded. */
  recording: z.string().nullable().default(null),
  source: z.union([SourceName, z.literal('discovered')]).catch('discovered'),
  createdAt: z.string(),
  updatedAt: z.string(),
  active: z.boolean().default(false),
  endedAt: z.string().optional(),
  state: z.enum(['creating', 'running', 'ended']).default('running'),
});
export type SessionRecord = z.output<typeof SessionRecord>;

/**
 * Ids are refused, never rewritten: two ids must not become one (B-137).
 *
 * @throws AppError SESSION_ID_INVALID
 */
export function parseSessionId(text: string): string {
  if (!SESSION_ID.test(text)) throw new AppError('SESSION_ID_INVALID');
  if (text === CONTROL_SESSION) throw new AppError('SESSION_ID_INVALID', { why: 'this name is taken by the service' });
  return text;
}
export const isSessionId = (text: string): boolean => SESSION_ID.test(text) && text !== CONTROL_SESSION;

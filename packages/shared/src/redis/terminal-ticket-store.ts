import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { SECOND_MS } from '../time.ts';
import type { RedisHandle } from './connect.ts';

/** Long enough for a browser to connect, too short for a log or a history to be of use to anybody. */
const LIFE_MS = 30 * SECOND_MS;

/** What its bearer may do: look at the terminals of one ticket, or also type into them. */
export const TerminalGrant = z.object({
  ticketId: z.string(),
  mode: z.enum(['view', 'control']),
  /** Who asked for it, and what that one's right comes from. */
  by: z.string(),
  source: z.string(),
});
export type TerminalGrant = z.output<typeof TerminalGrant>;

/** One-time tickets for browsers, which cannot send an Authorization header with a WebSocket. Only their hash is kept. */
export const createTerminalTicketStore = ({ client, keys }: RedisHandle) => ({
  async issue(grant: TerminalGrant): Promise<{ ticket: string; expiresAtMs: number }> {
    const ticket = randomBytes(32).toString('base64url');
    await client.set(keys.terminalTicket(hashOf(ticket)), JSON.stringify(grant), 'PX', LIFE_MS);
    return { ticket, expiresAtMs: Date.now() + LIFE_MS };
  },
  /** Uses it up: of two who come with the same one the second gets nothing. */
  async redeem(ticket: string): Promise<TerminalGrant | null> {
    const grant = await client.getdel(keys.terminalTicket(hashOf(ticket)));
    return grant === null ? null : TerminalGrant.parse(JSON.parse(grant));
  },
});
export type TerminalTicketStore = ReturnType<typeof createTerminalTicketStore>;

const hashOf = (ticket: string): string => createHash('sha256').update(ticket).digest('base64url');

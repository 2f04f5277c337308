import type { Config } from '@pco/shared/config';
import { sessionName, type Ticket } from '@pco/shared/domain';
import type { Core } from '@pco/shared/engine';
import { AppError } from '@pco/shared/errors';
import { createRunnerStore } from '@pco/shared/redis';
import { z } from 'zod';

/** Where a session's terminal is served. */
export interface TerminalPlace {
  readonly sessionId: string;
  readonly runner: string;
  readonly url: string;
  readonly token: string | undefined;
}
export type FindPlace = ReturnType<typeof createFindPlace>;

const Claim = z.object({ type: z.literal('slot.claimed'), session: z.string(), runner: z.string() });

/** Finds the terminal service that has a session of a ticket: the present one, or an earlier one by its id. */
export function createFindPlace({ core, config }: { core: Core; config: Config }) {
  const { redis, store } = core;
  const { url: ownUrl, token } = config.tmux_session_service;

  const runners = createRunnerStore(redis.client, redis.keys);
  const runnerOf = async (ticket: Ticket, sessionId: string): Promise<string> => {
    if (sessionId === ticket.session?.id && ticket.runner !== undefined) return ticket.runner;
    const history = await store.history(ticket.id);
    const claims = history.flatMap(({ event }) => Claim.safeParse(event).data ?? []);
    return claims.findLast(({ session }) => session === sessionId)?.runner ?? ticket.runner ?? 'the runner';
  };
  const placeOf = async (ticket: Ticket, sessionId: string): Promise<TerminalPlace> => {
    const runner = await runnerOf(ticket, sessionId);
    return { sessionId, runner, url: (await runners.terminalUrl(runner)) ?? ownUrl, token };
  };
  const load = async (ticketId: string): Promise<Ticket> => {
    const { ticket } = await store.load(ticketId);
    if (!ticket) throw new AppError('TICKET_NOT_FOUND');
    return ticket;
  };
  const prefix = config.automation.session_prefix;
  const sessionsOf = ({ id, sessionSeq, session }: Ticket): string[] => {
    const names = Array.from({ length: sessionSeq }, (_, index) => sessionName(prefix, id, index + 1));
    return session && !names.includes(session.id) ? [...names, session.id] : names; // begun under another prefix
  };

  return {
    /** @throws AppError TICKET_NOT_FOUND, SESSION_NOT_FOUND */
    async one(ticketId: string, asked?: string): Promise<TerminalPlace> {
      const ticket = await load(ticketId);
      const sessionId = asked ?? ticket.session?.id;
      if (sessionId === undefined) throw new AppError('SESSION_NOT_FOUND', { why: `${ticketId} has none yet` });
      if (!sessionsOf(ticket).includes(sessionId))
        throw new AppError('SESSION_NOT_FOUND', { why: `${ticketId} has none of that id` });
      return placeOf(ticket, sessionId);
    },

    /** Those of all its sessions, oldest first. */
    async all(ticketId: string): Promise<TerminalPlace[]> {
      const ticket = await load(ticketId);
      return Promise.all(sessionsOf(ticket).map((sessionId) => placeOf(ticket, sessionId)));
    },
  };
}

import { type Status, type Ticket, TicketId } from '@pco/shared/domain';
import { readStartWaits, type StartWaits } from '@pco/shared/engine';
import { AppError } from '@pco/shared/errors';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type ApiContext, check } from '../api-context.ts';
import { type ProjectErrors, readProjectErrors } from '../project-errors.ts';
import { isPendingAgain, type TicketView, ticketView } from '../ticket-view.ts';
import { readWriteWaits, type WriteWaits } from '../write-waits.ts';

const TicketParams = z.strictObject({ ticketId: TicketId });

/** The lists (B-082, B-083) and a single ticket with its history. */
export function addTicketRoutes(app: FastifyInstance, { core, log }: ApiContext): void {
  const { store } = core;
  const view = async (
    ticket: Ticket,
    waits: WriteWaits,
    errors: ProjectErrors,
    starts: StartWaits,
  ): Promise<TicketView> =>
    ticketView(
      ticket,
      ((await store.bodyOf(ticket.id)) ?? '').trim(),
      await waits(ticket),
      await errors(ticket),
      await starts(ticket),
    );
  const warn = (ticketId: string) => log.error({ ticketId }, 'ticket record is unreadable and left out of its list');
  const list = async (statuses: readonly Status[], wanted: (ticket: Ticket) => boolean = () => true) => {
    const tickets = (await Promise.all(statuses.map((status) => store.list(status, warn)))).flat();
    const waits = await readWriteWaits(core.redis);
    const errors = readProjectErrors(core.redis);
    const starts = await readStartWaits(core.redis, core.policyOf);
    return Promise.all(tickets.filter(wanted).map((ticket) => view(ticket, waits, errors, starts)));
  };

  app.get('/api/pending-tickets', async () => [
    ...(await list(['pending'])),
    ...(await list(['failed'], isPendingAgain)),
  ]);
  app.get('/api/active-sessions', () => list(['approved', 'starting', 'active', 'waiting']));
  app.get('/api/completed-tickets', () => list(['completed', 'updating']));
  app.get('/api/failed-tickets', () => list(['failed', 'blocked'], (ticket) => !isPendingAgain(ticket)));

  app.get('/api/tickets/:ticketId', async (request) => {
    const { ticketId } = check(TicketParams, request.params, 'path');
    const { ticket, body } = await store.loadWithBody(ticketId);
    if (!ticket) throw new AppError('TICKET_NOT_FOUND');
    const waits = await readWriteWaits(core.redis);
    const error = await readProjectErrors(core.redis)(ticket);
    const starts = await readStartWaits(core.redis, core.policyOf);
    const shown = ticketView(ticket, body.trim(), await waits(ticket), error, await starts(ticket));
    return { ...shown, history: await store.history(ticketId) };
  });
}

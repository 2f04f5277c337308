import { AppError } from '@pco/shared/errors';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isTrusted } from '../access.ts';
import { badRequest } from '../bad-request.ts';
import type { Tmux } from '../tmux.ts';
import { parse, Text } from './sessions.ts';

const Body = z.strictObject({ command: z.array(Text).min(1).max(100) });

/**
 * `POST /commands`: starts a program where tmux and the sessions are, which in containers is not where we are. What it
 * finds there, it leaves in a file. It is no session: nobody sees it, and nothing is kept of it.
 */
export function addCommandRoute(app: FastifyInstance, tmux: Tmux): void {
  app.post('/commands', async (request, reply) => {
    if (!isTrusted(request)) throw new AppError('FORBIDDEN', { why: 'commands need the token of the service' });
    const { command } = parse(Body, request.body);
    if (!command[0]?.startsWith('/')) throw badRequest('command: the program must be an absolute path');
    await tmux.runBeside(command);
    return reply.status(202).send({});
  });
}

import { timingSafeEqual } from 'node:crypto';
import { SessionId } from '@pco/shared/domain';
import { AppError } from '@pco/shared/errors';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { Hook } from './evidence/hook.ts';
import type { Host } from './host.ts';

/** `POST /hooks/<session>`: the ticket's session is in the address, because Claude Code's own id changes on /clear. */
export function addHookRoute(app: FastifyInstance, host: Host, heard: (sessionId: string) => void): void {
  app.post('/hooks/:sessionId', async (request) => {
    const { sessionId } = parse(z.object({ sessionId: SessionId }), request.params);
    await checkToken(host, sessionId, request.headers.authorization);
    host.evidence.hear(sessionId, parse(Hook, request.body));
    heard(sessionId);
    return {};
  });
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const { data, error } = schema.safeParse(value);
  if (error) throw new AppError('PAYLOAD_INVALID', { why: error.issues.map(({ message }) => message).join('; ') });
  return data;
}

async function checkToken(host: Host, sessionId: string, header: string | undefined): Promise<void> {
  const files = host.files(sessionId);
  if (!(await files.readMeta())) throw new AppError('UNAUTHORIZED');
  const [expected, given] = [`Bearer ${await files.token()}`, header ?? ''].map((text) => Buffer.from(text));
  if (!expected || !given || expected.length !== given.length || !timingSafeEqual(expected, given))
    throw new AppError('UNAUTHORIZED');
}

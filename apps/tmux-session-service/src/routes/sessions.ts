import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { accountOf } from '../access.ts';
import { badRequest } from '../bad-request.ts';
import { Label, parseSessionId, SourceName } from '../session-record.ts';
import type { SessionRequest, Sessions } from '../sessions.ts';

/** Neither an argument nor a variable can hold a zero character (execve(2)). */
export const Text = z
  .string()
  .refine((text) => !text.includes('\0'), 'must not hold a zero character')
  .refine((text) => text.isWellFormed(), 'must be valid Unicode');
const Cells = z.int().min(1).max(1000);
const PutBody = z.strictObject({
  projectId: Label.nullable().optional(),
  command: z.array(Text).min(1).optional(),
  cwd: Text.optional(),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is no name of a variable'), Text).optional(),
  effect: Label.optional(),
  owner: Label.optional(),
  source: SourceName.optional(),
  cols: Cells.optional(),
  rows: Cells.optional(),
});
const PostBody = z.strictObject({
  ...PutBody.shape,
  sessionId: z.string().optional(),
  terminalId: z.string().optional(),
});
const Params = z.object({ id: z.string().transform(parseSessionId) });

export function addSessionRoutes(app: FastifyInstance, sessions: Sessions): void {
  /** What somebody with an account makes is his. */
  const owned = (request: FastifyRequest, asked: SessionRequest): SessionRequest => {
    const owner = accountOf(request)?.username ?? asked.owner;
    return owner === undefined ? asked : { ...asked, owner };
  };

  app.get('/sessions', async (request) => {
    const all = await sessions.list();
    const account = accountOf(request);
    return { sessions: account ? all.filter(({ owner }) => owner === account.username) : all };
  });

  app.get('/sessions/:id', async ({ params }) => ({ session: await sessions.get(Params.parse(params).id) }));

  app.put('/sessions/:id', async (request) =>
    sessions.put(Params.parse(request.params).id, owned(request, parse(PutBody, request.body))),
  );

  app.post('/sessions', async (request, reply) => {
    const { sessionId, terminalId, ...asked } = parse(PostBody, request.body);
    const id = parseSessionId(sessionId ?? terminalId ?? randomBytes(4).toString('hex'));
    return reply.status(201).send(await sessions.put(id, owned(request, asked)));
  });

  app.delete('/sessions/:id', async ({ params }, reply) => {
    await sessions.remove(Params.parse(params).id);
    return reply.status(204).send();
  });

  app.post('/sessions/:id/keepalive', async ({ params }) => ({
    session: await sessions.keepalive(Params.parse(params).id),
  }));
}

/** A body is optional everywhere, and every fault is named. */
export function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const { data, error } = schema.safeParse(body ?? {});
  if (!error) return data;
  const faults = error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
  throw badRequest(faults.join('; '));
}

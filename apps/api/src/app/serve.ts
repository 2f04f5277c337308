import type { AnswerOf, BodyOf, ErrorBody, ParamsOf, QueryOf, Route } from '@pco/shared/contracts/http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** A request as its declaration describes it: already checked, with defaults filled in. */
export type Asked<Declared extends Route> = Omit<FastifyRequest, 'params' | 'query' | 'body'> & {
  readonly params: ParamsOf<Declared>;
  readonly query: QueryOf<Declared>;
  readonly body: BodyOf<Declared>;
};

/** Gives the body of the answer; its status is 200 unless `reply` was told another. Refusals are thrown. */
export type Handler<Declared extends Route> = (
  request: Asked<Declared>,
  reply: FastifyReply,
) => Promise<AnswerOf<Declared> | ErrorBody>;

/** Serves a declared route; `useDeclarations` adds what is declared of it. */
export function serve<Declared extends Route>(
  app: FastifyInstance,
  { method, path, media }: Declared,
  handler: NoInfer<Handler<Declared>>,
): void {
  app.route({
    method,
    url: path,
    async handler(request, reply) {
      const answer = await handler(request as Asked<Declared>, reply); // its validators made exactly that of it
      if (media) void reply.type(`${media}; charset=utf-8`);
      return answer;
    },
  });
}

/** The same for an answer that is sent as it is: kept JSON, a stream. */
export function serveRaw<Declared extends Route>(
  app: FastifyInstance,
  { method, path }: Declared,
  handler: NoInfer<(request: Asked<Declared>, reply: FastifyReply) => Promise<FastifyReply>>,
  { exposeHeadRoute = true }: { readonly exposeHeadRoute?: boolean } = {},
): void {
  app.route({
    method,
    url: path,
    ...(method === 'GET' ? { exposeHeadRoute } : {}),
    handler: (request, reply) => handler(request as Asked<Declared>, reply), // as above
  });
}

import { AppError } from '@pco/shared/errors';
import type { Logger } from '@pco/shared/log';
import type { AuditStore } from '@pco/shared/redis';
import type { FastifyInstance, FastifyRequest, onResponseHookHandler, preHandlerHookHandler } from 'fastify';
import { isRead, isReadMethod } from './origins.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Its entry in the audit log, if it changes something. */
    auditId: string | null;
  }
}

/**
 * Every request that changes something is in the audit log before it is handled, so that no change is without its
 * entry; one that cannot be noted is not made. What Plane tells us is no change by a person, and a question is none at all.
 */
export function addAudit(app: FastifyInstance, audit: AuditStore, log: Logger): void {
  app.decorateRequest('auditId', null);
  const begin = async (request: FastifyRequest, what: string): Promise<void> => {
    try {
      request.auditId = await audit.begin(recordOf(request, what));
    } catch (err) {
      throw new AppError('REDIS_UNREACHABLE', { why: 'the audit log takes no entry' }, { cause: err });
    }
  };
  const note: preHandlerHookHandler = (request, _reply, done) => {
    const { config, url } = request.routeOptions;
    if (isRead(request) || config.asksOnly || config.proof === 'signature') return done();
    begin(request, config.operation ?? `${request.method} ${url}`).then(() => done(), done);
  };
  const finish: onResponseHookHandler = ({ auditId, id: reqId }, { statusCode }, done) => {
    if (auditId === null) return done();
    audit
      .finish(auditId, statusCode)
      .catch((err: unknown) => log.error({ err, reqId, auditId, statusCode }, 'outcome missing in the audit log'))
      .then(() => done());
  };
  // where nothing can be changed, which is nearly everything that is asked, nobody passes by here
  app.addHook('onRoute', (route) => {
    if ([route.method].flat().every(isReadMethod)) return;
    route.preHandler = [note, ...[route.preHandler ?? []].flat()];
    route.onResponse = [finish, ...[route.onResponse ?? []].flat()];
  });
}

function recordOf({ caller, ip, id, url, params }: FastifyRequest, what: string) {
  const ticketId = Object(params).ticketId;
  return {
    who: caller?.name ?? (typeof ticketId === 'string' ? `session of ${ticketId}` : 'nobody'),
    role: caller?.role ?? 'none',
    via: caller?.via ?? (typeof ticketId === 'string' ? 'session-token' : 'none'),
    from: ip,
    what,
    path: url.split('?', 1)[0]?.slice(0, 500) ?? '',
    ...(typeof ticketId === 'string' ? { ticketId } : {}),
    requestId: id,
  };
}

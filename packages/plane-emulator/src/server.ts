import { setTimeout as sleep } from 'node:timers/promises';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Deps } from './actions.ts';
import type { Fault, Faults } from './control/faults.ts';
import type { Holds, Verdict } from './control/holds.ts';
import { findItem } from './control/human.ts';
import { loggedBody, type RequestEntry, type RequestLog } from './control/request-log.ts';
import { dispatch } from './dispatch.ts';
import { type Answer, serverError, throttled, tooLarge } from './refusal.ts';
import type { Throttle } from './throttle.ts';
import { bumpItem, isVisible } from './world.ts';

/** `FILE_SIZE_LIMIT` of a default installation. */
const BODY_LIMIT_BYTES = 5 * 1024 * 1024;

export interface ServerDeps extends Deps {
  readonly throttle: Throttle;
  readonly log: RequestLog;
  readonly holds: Holds;
  readonly faults: Faults;
  /** By address, for clients that are to see an old one. */
  readonly lastAnswers: Map<string, Answer>;
}

/** The answer, or a cut connection. */
type Outcome = Answer | 'drop';

/**
 * Fastify only carries the bytes: the order in which Plane checks path, key, permission, throttle and body is not
 * that of a Fastify application, so one handler takes every API request and `dispatch` decides.
 */
export function createServer(deps: ServerDeps): FastifyInstance {
  const app = Fastify({ bodyLimit: BODY_LIMIT_BYTES, forceCloseConnections: true, exposeHeadRoutes: false });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((err, request, reply) => {
    const large = err instanceof Error && 'statusCode' in err && err.statusCode === 413;
    const { answer } = large ? tooLarge() : serverError();
    deps.log.end(beginEntry(deps, request), answer.status);
    return send(reply, answer);
  });
  app.all('/*', (request, reply) => handle(deps, request, reply));
  return app;
}

async function handle(deps: ServerDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const entry = beginEntry(deps, request);
  const outcome = await decide(deps, request, entry, clientGone(reply));
  if (outcome === 'drop') {
    deps.log.end(entry, null);
    reply.hijack();
    request.raw.socket.destroy();
    return reply;
  }
  if (deps.world.settings.latencyMs > 0) await sleep(deps.world.settings.latencyMs);
  deps.log.end(entry, outcome.status);
  return send(reply, outcome);
}

async function decide(
  deps: ServerDeps,
  request: FastifyRequest,
  entry: RequestEntry,
  gone: AbortSignal,
): Promise<Outcome> {
  const before = await deps.holds.catch('before', entry, gone);
  if (before && !before.execute) return outcomeOf(before, undefined);
  const fault = deps.faults.take(entry.method, entry.path);
  if (fault) entry.faultApplied = fault.kind;
  if (fault?.kind === 'touch') touch(deps, entry.path, fault.item);
  // Only reads go to a copy of the database.
  const last = entry.method === 'GET' ? deps.lastAnswers.get(entry.path) : undefined;
  const early = fault && (await insteadOf(fault, gone, last));
  if (early) return early;
  const answer = dispatch(deps, deps.throttle, wire(request), { skipDuplicateCheck: fault?.kind === 'duplicate' });
  remember(deps.lastAnswers, entry, answer);
  const late = fault ? await afterwards(fault, answer, gone) : answer;
  const after = await deps.holds.catch('after', entry, gone);
  return outcomeOf(after ?? before, late);
}

/** Faults that keep the request from being executed. */
async function insteadOf(fault: Fault, gone: AbortSignal, last: Answer | undefined): Promise<Outcome | undefined> {
  if (fault.kind === 'stale') return last;
  if (fault.kind === 'hang' && fault.when === 'before') return hang(fault.ms, gone);
  if (fault.kind === 'status') return { status: fault.status, body: fault.body ?? { error: 'injected' } };
  if (fault.kind === 'rate-limit') return throttled(fault.retryAfterSeconds).answer;
  if (fault.kind === 'not-json') {
    const headers = { 'content-type': 'text/html' };
    return { status: fault.status, body: '<html><body>not what you asked for</body></html>', headers };
  }
  return fault.kind === 'drop' && fault.when === 'before' ? 'drop' : undefined;
}

/** Faults that strike once everything is stored. */
async function afterwards(fault: Fault, answer: Answer, gone: AbortSignal): Promise<Outcome> {
  if (fault.kind === 'drop') return 'drop';
  if (fault.kind === 'hang') return hang(fault.ms, gone);
  if (fault.kind === 'truncated') {
    const text = JSON.stringify(answer.body ?? {});
    return { ...answer, body: text.slice(0, Math.floor(text.length / 2)) };
  }
  if (fault.kind === 'error-after-commit') return { ...serverError().answer, status: fault.status };
  if (fault.kind === 'slow') await sleep(fault.ms + Math.random() * Math.max(0, (fault.toMs ?? 0) - fault.ms));
  return answer;
}

async function hang(ms: number, gone: AbortSignal): Promise<'drop'> {
  await sleep(ms, undefined, { signal: gone }).catch(() => undefined); // the client gave up
  return 'drop';
}

/** Bumps the item that was named, or of the project in the path the one that was changed longest ago. */
function touch({ world }: ServerDeps, path: string, ref: string | undefined): void {
  const [, projectId = ''] = /\/projects\/([^/]+)\//.exec(path) ?? [];
  const listed = (world.itemsOf.get(projectId) ?? []).filter((item) => isVisible(world, item));
  const oldest = () => listed.reduce((a, b) => (a.updatedUs <= b.updatedUs ? a : b));
  const item = ref !== undefined ? findItem(world, ref) : listed.length > 0 ? oldest() : undefined;
  if (item) bumpItem(world, item);
}

const ANSWERS_KEPT = 500;

function remember(answers: Map<string, Answer>, { method, path }: RequestEntry, answer: Answer): void {
  if (method !== 'GET' || answer.status !== 200) return;
  answers.delete(path);
  answers.set(path, answer);
  const [oldest] = answers.size > ANSWERS_KEPT ? answers.keys() : [];
  if (oldest !== undefined) answers.delete(oldest);
}

function outcomeOf(verdict: Verdict | undefined, answer: Outcome | undefined): Outcome {
  if (!verdict) return answer ?? 'drop';
  if (typeof verdict.outcome === 'number') return { ...serverError().answer, status: verdict.outcome };
  // An answer that was not computed can only be meant for a client that has gone.
  return verdict.outcome === 'drop' ? 'drop' : (answer ?? 'drop');
}

function clientGone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

const wire = (request: FastifyRequest) => ({
  method: request.method,
  url: request.url,
  headers: request.headers,
  body: Buffer.isBuffer(request.body) ? request.body : undefined,
});

function beginEntry({ log, world }: ServerDeps, request: FastifyRequest): RequestEntry {
  const { method, url, headers, body } = wire(request);
  const key = world.keys.get(String(headers['x-api-key'] ?? ''));
  const user = key ? (world.users.get(key.userId)?.displayName ?? null) : null;
  const header = (name: string): string | null => headers[name]?.toString() ?? null;
  const ids = { requestId: header('x-request-id'), correlationId: header('x-correlation-id') };
  return log.begin({ method, path: url, user, body: loggedBody(body), ...ids });
}

function send(reply: FastifyReply, { status, body, headers = {} }: Answer): FastifyReply {
  reply.code(status);
  if (body === undefined) return reply.headers(headers).send();
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return reply.headers({ 'content-type': 'application/json', ...headers }).send(text);
}

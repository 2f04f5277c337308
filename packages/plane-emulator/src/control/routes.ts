import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Control } from '../emulator.ts';
import { GROUPS } from '../rows.ts';
import { SettingsChange } from '../settings.ts';
import { NewWebhook, WebhookError } from '../webhooks.ts';
import { FaultSpec } from './faults.ts';
import { HoldSpec, Release } from './holds.ts';
import { ControlError, ItemBatch, ItemEdit, NewComment, NewItem, NewProject } from './human.ts';
import type { ItemDump } from './state-dump.ts';
import { WebhookFaultSpec } from './webhook-faults.ts';

/** A seeded project of 10,000 items is the largest body that makes sense. */
const BODY_LIMIT_BYTES = 64 * 1024 * 1024;
const DEFAULT_WAIT_MS = 30_000;

const Ref = z.object({ ref: z.string() });
const StateQuery = z.object({ project: z.string().optional(), newest: z.coerce.number().int().positive().optional() });
const RequestQuery = z.object({
  method: z.string().optional(),
  pathPattern: z.string().optional(),
  status: z.coerce.number().optional(),
  after: z.coerce.number().optional(),
});

/** The methods of the emulator object over HTTP, for tests in another process. No key; loopback only, unless for anybody. */
export function controlRoutes(control: Control, isForAnybody: boolean) {
  return async (app: FastifyInstance): Promise<void> => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: BODY_LIMIT_BYTES }, (_request, body, done) =>
      parse(String(body), done),
    );
    app.addHook('onRequest', async (request, reply) => {
      if (!isForAnybody && !isLoopback(request))
        return reply.code(403).send({ error: 'the control surface is for this machine only' });
      if (!isOwnOrigin(request))
        return reply.code(403).send({ error: 'the control surface is not for other web pages' });
    });
    app.setErrorHandler((err, _request, reply) => {
      const known =
        err instanceof ControlError ||
        err instanceof WebhookError ||
        err instanceof z.ZodError ||
        err instanceof SyntaxError;
      const message = err instanceof z.ZodError ? z.prettifyError(err) : String(err);
      return reply.code(known ? 400 : 500).send({ error: message });
    });
    worldRoutes(app, control);
    requestRoutes(app, control);
    webhookRoutes(app, control);
    troubleRoutes(app, control);
  };
}

function worldRoutes(app: FastifyInstance, control: Control): void {
  const ref = (request: FastifyRequest) => Ref.parse(request.params).ref;
  app.get('/health', async () => ({ ok: true }));
  app.get('/projects', async () => ({ projects: control.projects() }));
  app.post('/projects', async (request) => control.createProject(NewProject.parse(request.body)));
  app.post('/projects/:ref/archive', async (request) => done(control.archiveProject(ref(request))));
  app.post('/projects/:ref/unarchive', async (request) => done(control.archiveProject(ref(request), false)));
  app.post('/projects/:ref/states', async (request) =>
    control.createState(ref(request), z.object({ name: z.string(), group: z.enum(GROUPS) }).parse(request.body)),
  );
  app.post('/projects/:ref/role', async (request) => {
    const body = z.object({ role: z.number().nullable(), user: z.string().optional() }).parse(request.body);
    return done(control.setRole(ref(request), body.role, body.user));
  });
  app.post('/key', async (request) =>
    done(control.setKeyActive(z.object({ active: z.boolean() }).parse(request.body).active)),
  );
  app.post('/items', async (request) => control.createItem(NewItem.parse(request.body)));
  app.post('/items/batch', async (request) => control.createItems(ItemBatch.parse(request.body)));
  app.get('/items/:ref', async (request) => control.item(ref(request)));
  app.patch('/items/:ref', async (request) => done(control.editItem(ref(request), ItemEdit.parse(request.body))));
  app.delete('/items/:ref', async (request) => done(control.deleteItem(ref(request))));
  app.post('/items/:ref/archive', async (request) => done(control.archiveItem(ref(request))));
  app.post('/items/:ref/unarchive', async (request) => done(control.archiveItem(ref(request), false)));
  app.post('/items/:ref/comments', async (request) => control.comment(ref(request), NewComment.parse(request.body)));
  app.patch('/comments/:ref', async (request) =>
    done(control.editComment(ref(request), NewComment.parse(request.body))),
  );
  app.delete('/comments/:ref', async (request) => done(control.deleteComment(ref(request))));
  app.get('/state', async (request) => {
    const { project, newest } = StateQuery.parse(request.query);
    const items = control.state(project);
    return { items: newest === undefined ? items : lastChanged(items, newest) };
  });
  app.get('/settings', async () => control.settings());
  app.patch('/settings', async (request) => control.settings(SettingsChange.parse(request.body)));
}

function requestRoutes(app: FastifyInstance, control: Control): void {
  app.get('/requests', async (request) => ({ requests: control.requests(RequestQuery.parse(request.query)) }));
  app.get('/requests/count', async (request) => ({ count: control.countRequests(RequestQuery.parse(request.query)) }));
  app.get('/requests/busiest', async (request) => {
    const { windowMs } = z.object({ windowMs: z.coerce.number().positive() }).parse(request.query);
    return { requests: control.busiestWindow(windowMs) };
  });
  app.get('/requests/counts', async (request) => {
    const { windowMs } = z.object({ windowMs: z.coerce.number().positive().optional() }).parse(request.query);
    return control.requestCounts(windowMs);
  });
  app.delete('/requests', async () => done(control.clearRequests()));
}

function webhookRoutes(app: FastifyInstance, control: Control): void {
  const ref = (request: FastifyRequest) => Ref.parse(request.params).ref;
  app.post('/webhooks', async (request) => control.webhook(NewWebhook.parse(request.body)));
  app.get('/webhooks', async () => ({ webhooks: control.webhooks() }));
  app.get('/webhooks/deliveries', async () => ({ deliveries: control.deliveries() }));
  app.patch('/webhooks/:ref', async (request) => {
    const { active } = z.strictObject({ active: z.boolean() }).parse(request.body);
    return done(control.setWebhookActive(ref(request), active));
  });
  app.post('/webhooks/faults', async (request) => ({
    id: control.webhookFault(WebhookFaultSpec.parse(request.body)),
  }));
  app.get('/webhooks/faults', async () => ({ faults: control.webhookFaults() }));
  app.delete('/webhooks/faults', async () => done(control.clearWebhookFaults()));
  app.delete('/webhooks/faults/:ref', async (request) => done(control.removeWebhookFault(ref(request))));
  app.delete('/webhooks/:ref', async (request) => done(control.removeWebhook(ref(request))));
}

function troubleRoutes(app: FastifyInstance, control: Control): void {
  const ref = (request: FastifyRequest) => Ref.parse(request.params).ref;
  app.post('/holds', async (request) => ({ id: control.hold(HoldSpec.parse(request.body)) }));
  app.get('/holds', async () => ({ holds: control.holds() }));
  app.get('/holds/:ref/wait', async (request, reply) => {
    const { timeoutMs } = z.object({ timeoutMs: z.coerce.number().default(DEFAULT_WAIT_MS) }).parse(request.query);
    const held = await control.waitHeld(ref(request), timeoutMs);
    return reply.code(held ? 200 : 408).send({ held: held ?? null });
  });
  app.post('/holds/:ref/release', async (request) => ({
    released: control.release(ref(request), Release.parse(request.body ?? {})),
  }));
  app.delete('/holds/:ref', async (request) => ({
    released: control.removeHold(ref(request), Release.parse(request.body ?? {})),
  }));
  app.post('/faults', async (request) => ({ id: control.fault(FaultSpec.parse(request.body)) }));
  app.get('/faults', async () => ({ faults: control.faults() }));
  app.delete('/faults', async () => done(control.clearFaults()));
  app.delete('/faults/:ref', async (request) => done(control.removeFault(ref(request))));
}

const lastChanged = (items: readonly ItemDump[], count: number): ItemDump[] =>
  items.toSorted((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1)).slice(0, count);

const done = (_: unknown): { ok: true } => ({ ok: true });

function parse(text: string, done: (err: Error | null, body?: unknown) => void): void {
  try {
    done(null, text === '' ? undefined : JSON.parse(text));
  } catch (err) {
    done(err instanceof Error ? err : new Error(String(err)));
  }
}

/** Browsers say from which page a request comes; programs say nothing. */
const isOwnOrigin = ({ headers }: FastifyRequest): boolean =>
  headers.origin === undefined || headers.origin === `http://${headers.host}`;

const isLoopback = ({ ip }: FastifyRequest): boolean => /^(127\.|::1$|::ffff:127\.)/.test(ip);

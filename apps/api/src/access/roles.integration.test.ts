import { createHash } from 'node:crypto';
import type { Route } from '@pco/shared/contracts/http';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { type ApiFixture, apiFixture } from '../testing/api-fixture.ts';

const CALLERS = ['nobody', 'viewer', 'operator', 'admin'] as const;
type Who = (typeof CALLERS)[number];

/** Who may use what: the first who may, and all after. A new operation needs its line here. */
const TABLE: Readonly<Record<string, Who>> = {
  health: 'nobody',
  livez: 'nobody',
  readyz: 'nobody',
  login: 'nobody',
  useLoginLink: 'nobody',
  planeWebhook: 'nobody',
  front: 'viewer',
  metrics: 'viewer',
  openApi: 'viewer',
  pendingTickets: 'viewer',
  activeSessions: 'viewer',
  completedTickets: 'viewer',
  failedTickets: 'viewer',
  ticket: 'viewer',
  tickets: 'viewer',
  inbox: 'viewer',
  events: 'viewer',
  runners: 'viewer',
  projects: 'viewer',
  pollProject: 'operator',
  queues: 'viewer',
  history: 'viewer',
  setup: 'operator',
  giveUpRunner: 'operator',
  terminal: 'viewer',
  replay: 'viewer',
  createTerminalTicket: 'viewer',
  recordings: 'viewer',
  recording: 'viewer',
  transcript: 'viewer',
  transcriptStream: 'viewer',
  diff: 'viewer',
  me: 'viewer',
  logout: 'viewer',
  createLoginLink: 'viewer',
  previewUpdate: 'viewer',
  previewSummary: 'viewer',
  approve: 'operator',
  updatePlane: 'operator',
  editSummary: 'operator',
  deleteTicket: 'operator',
  cancel: 'operator',
  retry: 'operator',
  reject: 'operator',
  complete: 'operator',
  send: 'operator',
  answer: 'operator',
  transcribe: 'operator',
  interrupt: 'operator',
  stop: 'operator',
  addTestTicket: 'admin',
  tokens: 'admin',
  createToken: 'admin',
  deleteToken: 'admin',
  exportTickets: 'admin',
  importTickets: 'admin',
  audit: 'admin',
};

/** What stands beside the operations: those of Bull Board are for operators to read and for admins to press buttons on. */
const pageTable = (method: string, url: string): Who | undefined => {
  if (url.startsWith('/dashboard')) return 'nobody';
  if (url.startsWith('/docs')) return 'viewer';
  if (/^\/(api|ws)\/sessions/.test(url)) {
    if (method === 'GET' || method === 'HEAD') return 'viewer';
    return /\/(keepalive|input|keys)$/.test(url) ? 'operator' : 'admin';
  }
  if (url.startsWith('/admin/queues'))
    return method.split(',').every((verb) => verb === 'GET' || verb === 'HEAD') ? 'operator' : 'admin';
  return undefined;
};

const tokenOf = (who: Who): string => `a-token-of-the-${who}-for-tests`;
const tokens = Object.fromEntries(
  CALLERS.flatMap((role) =>
    role === 'nobody' ? [] : [[role, { role, hash: createHash('sha256').update(tokenOf(role)).digest('hex') }]],
  ),
);
const headersOf = (who: Who): Record<string, string> =>
  who === 'nobody' ? {} : { authorization: `Bearer ${tokenOf(who)}` };

const ask = (api: ApiFixture, method: string, path: string, who: Who) =>
  api.call(method as Route['method'], path, { headers: headersOf(who), ...(method === 'GET' ? {} : { body: {} }) });

async function expectAccess(api: ApiFixture, method: string, path: string, from: Who): Promise<void> {
  for (const who of CALLERS) {
    const isAllowed = CALLERS.indexOf(who) >= CALLERS.indexOf(from);
    if (isAllowed && path === '/api/events') continue; // it does not end; its own tests read it
    const { status, text } = await ask(api, method, path, who);
    const refusal = who === 'nobody' ? 401 : 403;
    const says = `${who}: ${method} ${path} answered ${status}: ${text.slice(0, 100)}`;
    if (!isAllowed) expect(status, says).toBe(refusal);
    else if (!SHOWS_ITSELF.has(path)) expect([401, 403], says).not.toContain(status);
  }
}

/** They look at a proof of another kind, which is missing here. */
const SHOWS_ITSELF: ReadonlySet<string> = new Set(['/webhooks/plane', '/login', '/api/login']);

const Paths = z.object({ paths: z.record(z.string(), z.record(z.string(), z.object({ operationId: z.string() }))) });

test('every role may use exactly what the table says, and no operation is missing from it', async () => {
  await using api = await apiFixture({ tokens });
  const { json } = await ask(api, 'GET', '/openapi.json', 'viewer');
  const operations = Object.entries(Paths.parse(json).paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => ({ path, method: method.toUpperCase(), operationId })),
  );
  expect(operations.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(TABLE).sort());
  for (const { path, method, operationId } of operations) {
    const address = path
      .replace('{ticketId}', 'ACME-1')
      .replace('{tokenId}', '0123456789ab')
      .replace('{runner}', 'gone')
      .replace('{name}', 'x')
      .replace('{projectId}', 'NONE');
    await expectAccess(api, method, address, TABLE[operationId] ?? 'admin');
  }
});

test('the pages of others are as guarded, and every route of the process stands in one of both tables', async () => {
  await using api = await apiFixture({ tokens });
  const { json } = await ask(api, 'GET', '/openapi.json', 'viewer');
  const documented = new Set(
    Object.entries(Paths.parse(json).paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    ),
  );
  const pages = api.routes.filter(({ method, url }) => {
    const asDocumented = url.replace(/:([a-zA-Z]+)/g, '{$1}');
    return !documented.has(`${method === 'HEAD' ? 'GET' : method} ${asDocumented}`) && method !== 'OPTIONS';
  });
  expect(pages.length).toBeGreaterThan(20);
  for (const { method, url } of pages) {
    const from = pageTable(method, url);
    expect(from, `${method} ${url}`).toBeDefined();
    if (!from || method === 'HEAD') continue;
    const [verb = method] = method.split(','); // a route of the board may have several, all of one kind
    const path = url
      .replace('/*', '/x')
      .replace(/:queueName/, 'notify')
      .replace(/:[a-zA-Z]+/g, 'x');
    await expectAccess(api, verb, path, from);
  }
});

test('an address that leads nowhere tells nobody so but those who may look', async () => {
  await using api = await apiFixture({ tokens });
  expect((await ask(api, 'GET', '/nowhere', 'nobody')).status).toBe(401);
  expect((await ask(api, 'GET', '/nowhere', 'viewer')).status).toBe(404);
});

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@pco/shared/testing/free-port';
import fc from 'fast-check';
import { Pool } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { approve } from './support/people.ts';
import { serviceProcess } from './support/service-process.ts';
import { type Stack, startStack } from './support/stack.ts';
import { until } from './support/until.ts';
import { createJudge, Document, operationsOf } from './support/walk/document.ts';
import { requestsOf, type WalkRequest } from './support/walk/requests.ts';

// Every operation of the OpenAPI document, asked of two apis side by side as its document wants it and as it never should
// be asked: each answer must be one that the document describes. PCO_WALK_REQUESTS says how many; a seed that failed
// is repeated with PCO_WALK_SEED.
const REQUESTS = Number(process.env.PCO_WALK_REQUESTS ?? 1_000);
const SEED = Number(process.env.PCO_WALK_SEED ?? Date.now() % 1_000_000);
const AT_A_TIME = 16;
const PATIENCE_MS = 60_000 + REQUESTS * 100;
/** Refused before any handler of ours saw it. */
const BEFORE_HANDLERS = new Set([400, 401, 403, 413, 414, 415, 422, 429]);

let stack: Stack;
const apis: string[] = [];
const resources = new AsyncDisposableStack();
beforeAll(async () => {
  stack = resources.use(
    await startStack({ gated: true, config: { api: { test_endpoint: true, requests_per_minute: 0 } } }),
  );
  apis.push(stack.api, await secondApi());
});
afterAll(() => resources.disposeAsync());

async function secondApi(): Promise<string> {
  const port = await freePort();
  const config = parse(readFileSync(stack.configFile, 'utf8'));
  mkdirSync(join(stack.dir, 'second'));
  const file = join(stack.dir, 'second', 'config.yaml');
  const own = { api: { ...config.api, port }, data_dir: join(stack.dir, 'second', 'data') };
  writeFileSync(file, stringify({ ...config, ...own }));
  const service = serviceProcess({
    name: 'api',
    env: { ...stack.env, PCO_CONFIG: file },
    logFile: join(stack.dir, 'second.log'),
  });
  resources.defer(() => service.kill());
  service.start();
  const url = `http://127.0.0.1:${port}`;
  await until('the second api is ready', () => isReady(url));
  return url;
}

const isReady = (url: string) =>
  fetch(`${url}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );

/** Tickets in several states, and the names of everything that can be asked for. */
async function whatThereIs(): Promise<Record<string, readonly string[]>> {
  const ids = Array.from({ length: 12 }, (_, at) => {
    return stack.emulator.createItem({ project: 'ACME', name: `Walk ${at}`, state: 'Todo' }).key;
  });
  await stack.poll();
  for (const id of ids) await stack.waitForStatus(id, 'pending');
  const [active = '', completed = ''] = ids;
  for (const id of [active, completed]) await approve(stack, id);
  stack.openGate(completed);
  await stack.waitForStatus(completed, 'completed');
  const projectId = [stack.project.id];
  const sessions = [`claude-${active}`, `claude-${completed}`];
  return {
    ...{ ticketId: ids, ticket: ids, ticket_id: ids, id: [...ids, 'TEST-1'] },
    ...{ projectId, project_id: projectId, project: [...projectId, 'ACME'] },
    ...{ runnerId: ['e2e'], runner: ['e2e'], sessionId: sessions, session: sessions },
  };
}

interface Outcome {
  readonly status: number;
  readonly fault: string | undefined;
}

test(`${REQUESTS} requests to every operation of two apis are answered as the document says (seed ${SEED})`, {
  timeout: PATIENCE_MS,
}, async () => {
  const document = Document.parse(await (await fetch(`${stack.api}/openapi.json`)).json());
  const judge = createJudge(document);
  const known = await whatThereIs();
  const operations = operationsOf(document);
  const each = Math.ceil(REQUESTS / operations.length);
  const requests = operations.flatMap((operation, index) =>
    fc.sample(requestsOf(operation, document, known), { numRuns: each, seed: SEED + index }),
  );
  const ordered = fc.sample(fc.shuffledSubarray(requests, { minLength: requests.length }), {
    numRuns: 1,
    seed: SEED,
  })[0];
  const pools = apis.map((url) => resources.adopt(new Pool(url, { connections: AT_A_TIME }), (pool) => pool.destroy()));
  const outcomes: (Outcome & { readonly request: WalkRequest })[] = [];
  const queue = (ordered ?? []).entries();
  const worker = async () => {
    for (const [at, request] of queue) {
      const pool = pools[at % pools.length];
      if (pool) outcomes.push({ request, ...(await send(pool, request, judge.faultOf)) });
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));

  const wrong = outcomes.filter(({ status, fault }) => fault !== undefined || status >= 500);
  expect(wrong.map(describeOutcome).slice(0, 20)).toEqual([]);
  const reached = outcomes.filter(({ status }) => !BEFORE_HANDLERS.has(status));
  console.log('walk:', JSON.stringify(tally(outcomes)), `${reached.length} of ${outcomes.length} reached a handler`);
  expect(outcomes.length).toBeGreaterThanOrEqual(REQUESTS);
  expect(reached.length / outcomes.length).toBeGreaterThan(0.3);
  const succeeded = new Set(
    outcomes.filter(({ status }) => status < 400).map(({ request }) => request.operation.operationId),
  );
  expect(succeeded.size, 'operations that succeeded at least once').toBeGreaterThan(operations.length / 2);
  expect(await Promise.all(apis.map(isReady))).toEqual([true, true]);
});

async function send(
  pool: Pool,
  request: WalkRequest,
  faultOf: ReturnType<typeof createJudge>['faultOf'],
): Promise<Outcome> {
  const { operation, path, headers, body } = request;
  const method = operation.method as 'GET'; // of those that a document may name
  const answer = await pool.request({
    method,
    path,
    headers,
    body: body ?? null,
    headersTimeout: 30_000,
    bodyTimeout: 30_000,
  });
  const type = String(answer.headers['content-type'] ?? '');
  const isEndless = type.startsWith('text/event-stream');
  const text = isEndless ? '' : await answer.body.text();
  if (isEndless) answer.body.on('error', () => undefined).destroy();
  return { status: answer.statusCode, fault: faultOf(operation, answer.statusCode, type, text) };
}

const describeOutcome = ({ request, status, fault }: Outcome & { readonly request: WalkRequest }): string =>
  `${request.operation.operationId} (${request.fault}) ${request.operation.method} ${request.path.slice(0, 300)} ` +
  `${JSON.stringify(request.headers)} ${request.body?.slice(0, 300) ?? ''} -> ${status}: ${fault ?? 'a server error'}`;

const tally = (outcomes: readonly Outcome[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status } of outcomes) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

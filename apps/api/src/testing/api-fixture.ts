import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCore } from '@pco/shared/engine';
import {
  type CoreFixture,
  eventually,
  RUNNER,
  redisFixture,
  redisUrl,
  silentLog,
  testConfig,
  trigger,
  wrapCore,
} from '@pco/shared/testing';
import { request } from 'undici';
import { startApi } from '../service.ts';
import { holdToDeclaration } from './hold-to-declaration.ts';

export interface Reply {
  readonly status: number;
  readonly json: unknown;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

type ApiSettings = Partial<ReturnType<typeof testConfig>['api']>;
type Overrides = NonNullable<Parameters<typeof testConfig>[0]>;

/** The api over a real Redis, and a core on the same state that plays the other services. */
export async function apiFixture(api: ApiSettings = {}, givenPrefix?: string, more: Overrides = {}) {
  await using stack = new AsyncDisposableStack();
  const { prefix } = stack.use(await redisFixture(givenPrefix === undefined ? {} : { prefix: givenPrefix }));
  const dataDir = mkdtempSync(join(tmpdir(), 'pco-api-'));
  stack.defer(() => rmSync(dataDir, { recursive: true, force: true }));
  const config = {
    ...testConfig({ data_dir: dataDir, ...more, api: { port: 0, test_endpoint: true, ...api } }),
    redis: { prefix, url: more.redis?.url ?? (await redisUrl()) },
  };
  const core = wrapCore(stack.use(await openCore(config, silentLog, 'wait')));
  const service = stack.use(await startApi(config, silentLog));
  const url = service.url.replace('0.0.0.0', '127.0.0.1');
  const call = async (
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS',
    path: string,
    { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Reply> => {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await request(url + path, { method, headers: { ...type, ...headers }, ...json });
    const text = await answer.body.text();
    const isJson = String(answer.headers['content-type']).includes('json');
    const reply = {
      status: answer.statusCode,
      json: isJson && text !== '' ? JSON.parse(text) : undefined,
      text,
      headers: answer.headers,
    };
    if (method !== 'OPTIONS') holdToDeclaration(method, path, reply);
    return reply;
  };
  const opened = stack.move();
  return {
    url,
    /** Every route, whoever added it. */
    routes: service.routes,
    config,
    core,
    call,
    get: (path: string) => call('GET', path),
    post: (path: string, body?: unknown) => call('POST', path, { body }),
    /** Everything between nothing and the status, as the other services would do it. */
    bring: (id: string, to: keyof typeof STEPS) => bring(core, id, to),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
export type ApiFixture = Awaited<ReturnType<typeof apiFixture>>;

const by = 'somebody';
type Step = (core: CoreFixture, id: string) => Promise<unknown>;

/** The runner takes the ticket and its session starts. */
export const start: Step = async (core, id) => {
  await claim(core, id);
  const result = { branch: `pco/${id}` };
  await core.change({ type: 'effect.done', ticketId: id, effectId: await core.openId('session.start', id), result });
};
export const claim: Step = async (core, id) => {
  await eventually(async () => (await core.ticket(id)).status).toBe('approved');
  const effectId = await core.openId('session.assign', id);
  const tokenHash = 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c'; // of "foobar\n", nobody's
  await core.change({ type: 'slot.claimed', ticketId: id, effectId, runner: RUNNER, capacity: 9, tokenHash });
};
/** Plane takes the comment, then the state. */
export const write: Step = async (core, id) => {
  await finish(core, id, 'plane.comment', { commentId: 'comment-1' });
  await finish(core, id, 'plane.state', { stateId: 'state-1' });
};
/** Waits until an effect of that type is to be done. */
async function opened(core: CoreFixture, id: string, type: string): Promise<string> {
  let found: string | undefined;
  await eventually(async () => {
    const open = Object.entries((await core.ticket(id)).open);
    found = open.find(([, effect]) => effect.type === type && !effect.parked)?.[0];
    return found;
  }).toBeDefined();
  return found ?? '';
}
export const finish = async (core: CoreFixture, id: string, type: string, result: Record<string, string> = {}) => {
  await core.change({ type: 'effect.done', ticketId: id, effectId: await opened(core, id, type), result });
};
export const fail = async (
  core: CoreFixture,
  id: string,
  type: string,
  code = 'PLANE_REFUSED',
  detail = 'status 403',
) => {
  const effectId = await opened(core, id, type);
  await core.change({ type: 'effect.failed', ticketId: id, effectId, code, detail });
};

const pending: Step[] = [(core, ticketId) => core.change({ ...trigger(), ticketId })];
const approved: Step[] = [...pending, (core, ticketId) => core.change({ type: 'person.approved', by, ticketId })];
const active: Step[] = [...approved, start];
const completed: Step[] = [
  ...active,
  (core, ticketId) =>
    core.change({
      type: 'completion.signalled',
      ticketId,
      sessionId: `claude-${ticketId}`,
      summary: 'Fixed it',
      channel: 'file',
    }),
];
const updating: Step[] = [
  ...completed,
  (core, ticketId) => core.change({ type: 'person.update_approved', by, ticketId }),
];
const STEPS = {
  pending,
  approved,
  starting: [...approved, claim],
  active,
  waiting: [
    ...active,
    (core: CoreFixture, ticketId: string) =>
      core.change({
        type: 'session.observed',
        ticketId,
        sessionId: `claude-${ticketId}`,
        state: 'asking',
        detail: 'Which?',
        choices: ['EUR'],
      }),
  ],
  completed,
  updating,
  done: [...updating, write],
  failed: [
    ...active,
    (core: CoreFixture, ticketId: string) =>
      core.change({ type: 'session.ended', ticketId, sessionId: `claude-${ticketId}`, exitCode: 1 }),
  ],
  notStarted: [
    ...approved,
    claim,
    (core: CoreFixture, id: string) => fail(core, id, 'session.start', 'REPOSITORY_MISSING', 'no repository there'),
  ],
  cancelled: [
    ...pending,
    (core: CoreFixture, ticketId: string) => core.change({ type: 'person.cancelled', by, ticketId }),
  ],
} satisfies Record<string, Step[]>;

async function bring(core: CoreFixture, id: string, to: keyof typeof STEPS): Promise<void> {
  for (const step of STEPS[to]) await step(core, id);
}

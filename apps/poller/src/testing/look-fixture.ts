import { createPlaneEmulator, type PlaneEmulator } from '@pco/plane-emulator';
import { openCore } from '@pco/shared/engine';
import { createLogger, type Logger } from '@pco/shared/log';
import { createWebhookStore } from '@pco/shared/redis';
import { eventually, redisFixture, redisUrl, silentLog, testConfig, wrapCore } from '@pco/shared/testing';
import { startPoller } from '../service.ts';

export interface LookFixtureOptions {
  readonly config?: NonNullable<Parameters<typeof testConfig>[0]>;
  readonly settings?: Parameters<PlaneEmulator['settings']>[0];
  /** What is there before the poller looks for the first time. */
  readonly prepare?: (emulator: PlaneEmulator) => void;
  /** Whether to wait until it has looked; it always does, unless it cannot. */
  readonly baseline?: boolean;
}

/** A poller that has recorded its baseline of an emulated project, and polls again only when it is told to. */
export async function lookFixture({
  config: over = {},
  settings = {},
  prepare,
  baseline: isAwaited = true,
}: LookFixtureOptions = {}) {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await redisFixture());
  const emulator = stack.use(await createPlaneEmulator({ settings: { bumpDelayMs: 20, ...settings } }));
  const { id: projectId } = emulator.createProject({ identifier: 'ACME' });
  prepare?.(emulator);
  const plane = {
    ...{ api_url: emulator.apiUrl, api_token: emulator.apiKey, workspace_slug: emulator.slug },
    ...{ project_ids: [projectId], poll_interval: 3_600, requests_per_minute: 100_000 },
    path_segment: 'work-items' as const,
  };
  const config = {
    ...testConfig({
      webhooks: { secrets: ['plane_wh_0123456789abcdef'] },
      ...over,
      plane: { ...plane, ...over.plane },
    }),
    redis: { url: await redisUrl(), prefix: redis.prefix },
  };
  const lines: string[] = [];
  const log: Logger = createLogger('poller', 'info', { write: (line: string) => void lines.push(line) });
  const { url } = stack.use(await startPoller(config, log));
  const core = wrapCore(stack.use(await openCore(config, silentLog, 'wait')));
  const { client, keys } = core.redis;
  if (isAwaited) await eventually(() => client.hexists(keys.cursor(projectId), 'watermarkUs')).toBe(1);
  const queue = core.queues.get('plane-read');
  const idle = () => eventually(() => queue.getJobCountByTypes('active', 'waiting')).toBe(0);
  await idle();
  const baseline = emulator.requests();
  emulator.clearRequests();
  let polls = 0;
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${emulator.apiUrl}/workspaces/${emulator.slug}/projects/${projectId}/${path}`, {
      ...init,
      headers: { 'x-api-key': emulator.apiKey, 'content-type': 'application/json' },
    });
  const opened = stack.move();
  return {
    config,
    core,
    emulator,
    projectId,
    webhooks: createWebhookStore(core.redis),
    /** Lines of the poller's log. */
    lines: (event: string) => lines.filter((line) => line.includes(`"event":"${event}"`)),
    /** A person creates a planned work item. */
    newItem: (name = 'Login fails') => emulator.createItem({ project: 'ACME', name, state: 'Todo' }),
    hint: (workItem: string, cid?: string) =>
      core.queues.hint('plane-read', 'look', { projectId, workItem, ...(cid ? { cid } : {}) }, workItem),
    /** As one that is asked for, through to its end. */
    async poll() {
      polls += 1;
      const jobId = `poll-${polls}-now`;
      await core.queues.add('plane-read', 'poll', { projectId }, { jobId });
      await eventually(async () => (await core.queues.state('plane-read', jobId)).state).toBe('completed');
    },
    idle,
    /** As polls that wait for the budget do, each as soon as it may. */
    async pollUntil(isReached: () => boolean) {
      await core.queues.hint('plane-read', 'poll', { projectId }, `poll-${projectId}`);
      await eventually(async () => {
        await core.queues.promoteOldest('plane-read');
        return isReached();
      }).toBe(true);
      await idle();
    },
    url,
    metrics: async () => (await fetch(`${url}/metrics`)).text(),
    health: () => client.hgetall(keys.pollHealth(projectId)),
    /** How many requests the first look took. */
    baselineRequests: (part: string) => baseline.filter(({ path }) => path.includes(part)).length,
    /** Id of its present state. */
    async stateOf(id: string): Promise<string> {
      const answer = await ask(`work-items/${id}/`);
      return String(Object(await answer.json()).state);
    },
    /** With the token that the poller has. */
    async commentByApi(id: string, body: object): Promise<void> {
      await ask(`work-items/${id}/comments/`, { method: 'POST', body: JSON.stringify(body) });
    },
    status: async (key: string) => (await core.store.load(key)).ticket?.status ?? null,
    /** Types of the triggers that were committed for a ticket. */
    async triggers(key: string): Promise<string[]> {
      const entries = (await client.xrange(keys.log(key), '-', '+')).map(([, fields]) => fields.join(' '));
      return entries.filter((entry) => entry.includes('trigger.seen'));
    },
    requests: () =>
      emulator.requests().map(({ method, path }) => `${method} ${path.split('?')[0]?.split('/projects/')[1] ?? path}`),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
export type LookFixture = Awaited<ReturnType<typeof lookFixture>>;

import { createPlaneEmulator, type ItemRef, type ProjectRef } from '@pco/plane-emulator';
import { type EffectResult, openCore } from '@pco/shared/engine';
import { createLogger } from '@pco/shared/log';
import { eventually, redisFixture, redisUrl, silentLog, testConfig, toUpdating, wrapCore } from '@pco/shared/testing';
import { startPlaneWriter } from '../service.ts';

export interface WriterFixtureOptions {
  readonly writers?: number;
  /** What the sessions left behind. */
  readonly result?: EffectResult;
  readonly config?: NonNullable<Parameters<typeof testConfig>[0]>;
}

/** Plane-writers in front of an emulated Plane, and a core on the same state that plays everybody else. */
export async function writerFixture({ writers = 1, config: over = {}, result = {} }: WriterFixtureOptions = {}) {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await redisFixture());
  const emulator = stack.use(await createPlaneEmulator({ settings: { bumpDelayMs: 0 } }));
  const project = emulator.createProject({ identifier: 'ACME' });
  const { apiUrl: api_url, apiKey: api_token, slug: workspace_slug } = emulator;
  const plane = { api_url, api_token, workspace_slug, path_segment: 'work-items' as const, lost_answer_wait: 0.2 };
  const config = {
    ...testConfig({ ...over, plane: { ...plane, requests_per_minute: 100_000, ...over.plane } }),
    redis: { url: await redisUrl(), prefix: redis.prefix },
  };
  const lines: string[] = [];
  const log = createLogger('plane-writer', 'info', { write: (line: string) => void lines.push(line) });
  const started: { url: string }[] = [];
  for (let i = 0; i < writers; i += 1) started.push(stack.use(await startPlaneWriter(config, log)));
  const core = wrapCore(stack.use(await openCore(config, silentLog, 'wait')));
  const opened = stack.move();
  return {
    core,
    emulator,
    project,
    /** Lines of the writers' log. */
    lines: (event: string) => lines.filter((line) => line.includes(`"event":"${event}"`)),
    metrics: async () =>
      (await Promise.all(started.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()))).join('\n'),
    /** A ticket of a new work item whose result goes to Plane from now on. */
    async writeBack(summary = 'Fixed it', of: ProjectRef = project, request?: string): Promise<ItemRef> {
      const item = emulator.createItem({ project: of.id, name: 'Login fails', state: 'Todo' });
      const stateId = of.states.find(({ name }) => name === 'Todo')?.id ?? null;
      const { id: uuid, key, projectId } = item;
      const click = request === undefined ? {} : { request };
      await toUpdating(core, { key, uuid, projectId, project: of.identifier, stateId, summary, result, ...click });
      return item;
    },
    status: async ({ key }: ItemRef) => (await core.ticket(key)).status,
    settled: ({ key }: ItemRef, status: string) => eventually(async () => (await core.ticket(key)).status).toBe(status),
    ownComments: ({ key }: ItemRef) => emulator.item(key).comments.filter(({ deleted }) => !deleted),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
export type WriterFixture = Awaited<ReturnType<typeof writerFixture>>;

import { createPlaneEmulator, type ItemRef, type ProjectRef } from '@pco/plane-emulator';
import { openCore } from '@pco/shared/engine';
import { createLogger } from '@pco/shared/log';
import { by, eventually, RUNNER, redisFixture, redisUrl, silentLog, testConfig, wrapCore } from '@pco/shared/testing';
import { startPlaneWriter } from '../service.ts';

export interface WriterFixtureOptions {
  readonly writers?: number;
  readonly config?: NonNullable<Parameters<typeof testConfig>[0]>;
}

/** Plane-writers in front of an emulated Plane, and a core on the same state that plays everybody else. */
export async function writerFixture({ writers = 1, config: over = {} }: WriterFixtureOptions = {}) {
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
    async writeBack(summary = 'Fixed it', of: ProjectRef = project): Promise<ItemRef> {
      const item = emulator.createItem({ project: of.id, name: 'Login fails', state: 'Todo' });
      const stateId = of.states.find(({ name }) => name === 'Todo')?.id ?? null;
      await bringToUpdating(core, item, of.identifier, stateId, summary);
      return item;
    },
    status: async ({ key }: ItemRef) => (await core.ticket(key)).status,
    settled: ({ key }: ItemRef, status: string) => eventually(async () => (await core.ticket(key)).status).toBe(status),
    ownComments: ({ key }: ItemRef) => emulator.item(key).comments.filter(({ deleted }) => !deleted),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
export type WriterFixture = Awaited<ReturnType<typeof writerFixture>>;

async function bringToUpdating(
  core: ReturnType<typeof wrapCore>,
  { id: uuid, key, projectId }: ItemRef,
  project: string,
  stateId: string | null,
  summary: string,
): Promise<void> {
  const workItem = { uuid, projectId, project, title: 'Login fails', priority: 'none' as const, labels: [], stateId };
  const tell = (told: Parameters<typeof core.change>[0]) =>
    core.change({ ...told, id: crypto.randomUUID(), ticketId: key });
  await tell({ type: 'trigger.seen', workItem, trigger: { type: 'new_ticket' }, description: '' });
  await tell({ type: 'person.approved', by });
  const claim = { runner: RUNNER, capacity: 1_000, tokenHash: '0'.repeat(64) };
  await tell({ type: 'slot.claimed', effectId: await core.openId('session.assign', key), ...claim });
  const effectId = await core.openId('session.start', key);
  await tell({ type: 'effect.done', effectId, result: { branch: `pco/${key}`, worktree: '/nowhere' } });
  const sessionId = (await core.ticket(key)).session?.id ?? '';
  await tell({ type: 'completion.signalled', sessionId, summary, channel: 'file' });
  await tell({ type: 'effect.done', effectId: await core.openId('completion.collect', key), result: {} });
  await tell({ type: 'person.update_approved', by });
}

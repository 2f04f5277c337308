import { createPlaneEmulator } from '@pco/plane-emulator';
import { Setup } from '@pco/shared/contracts/http';
import { createRunnerStore } from '@pco/shared/redis';
import { RUNNER } from '@pco/shared/testing';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { type ApiFixture, apiFixture } from './testing/api-fixture.ts';

const setup = async (api: ApiFixture, query = '') => Setup.parse((await api.get(`/api/setup${query}`)).json);
const checksOf = ({ groups }: Setup, of: string) => groups.filter((group) => group.of === of).flatMap((g) => g.checks);

test('Plane, Redis, runners and webhooks are looked at, and what is missing says how to mend it', async () => {
  await using api = await apiFixture(); // in front of a Plane that nobody runs, without a runner
  const seen = await setup(api);
  expect(seen).toMatchObject({ level: 'bad', ever_approved: false });
  expect(checksOf(seen, 'plane')).toEqual([
    { level: 'bad', what: 'Plane', detail: expect.stringContaining('did not answer'), mend: expect.any(String) },
  ]);
  expect(checksOf(seen, 'redis')[0]).toMatchObject({ level: 'ok', detail: expect.stringMatching(/noeviction$/) });
  expect(checksOf(seen, 'runner')).toMatchObject([{ level: 'bad', mend: expect.stringContaining('session-worker') }]);
  expect(checksOf(seen, 'webhooks')).toMatchObject([{ level: 'ok', mend: null }]);
});

test('each project says whether the token may read it, and where finished work goes', async () => {
  await using emulator = await createPlaneEmulator();
  const [acme, closed] = [
    emulator.createProject({ identifier: 'ACME' }),
    emulator.createProject({ identifier: 'CLOSED' }),
  ];
  emulator.archiveProject('CLOSED');
  const { apiUrl: api_url, apiKey: api_token, slug: workspace_slug } = emulator;
  const project_ids = [acme.id, closed.id, '00000000-0000-4000-8000-000000000000'];
  const plane = { api_url, api_token, workspace_slug, path_segment: 'work-items' as const, project_ids };
  await using api = await apiFixture({}, undefined, { plane });
  const seen = checksOf(await setup(api), 'plane');
  const short = seen.map(({ level, what, detail }) => [level, what, detail]);
  expect(short).toContainEqual(['ok', 'project ACME', 'finished work goes to "In Progress"']);
  expect(short).toContainEqual(['warn', 'project CLOSED', 'is archived']);
  expect(short.filter(([level]) => level === 'bad').map(([, what]) => what)).toEqual([`project ${project_ids[2]}`]);
  expect(JSON.stringify(seen)).not.toContain(api_token);
});

/** A session-worker as the api reaches it. */
async function beat(api: ApiFixture, id: string, url: string | undefined): Promise<void> {
  const { client, keys } = api.core.redis;
  const heartbeat = {
    instance: id,
    host: 'here',
    pid: 1,
    capacity: 1,
    at: Date.now(),
    pools: [],
    labels: [],
    versions: {},
  };
  await createRunnerStore(client, keys).beat(id, { ...heartbeat, ...(url === undefined ? {} : { url }) }, 60_000);
}

test('each runner says itself what its host has; one that does not is named with what to look at', async () => {
  const found = [{ level: 'warn', what: 'tmux', detail: 'tmux 3.0', mend: 'a newer one' }];
  const runner = Fastify();
  runner.get('/checks', async ({ headers }, reply) =>
    headers.authorization === 'Bearer what-runners-want-to-hear' ? found : reply.status(401).send({}),
  );
  await using stack = new AsyncDisposableStack();
  stack.defer(() => runner.close());
  const url = await runner.listen({ host: '127.0.0.1', port: 0 });
  const session_worker = { port: 0, token: 'what-runners-want-to-hear' };
  const api = stack.use(await apiFixture({}, undefined, { session_worker }));
  await beat(api, RUNNER, url);
  await beat(api, 'runner-2', 'http://127.0.0.1:9');
  await beat(api, 'runner-3', undefined);
  const { groups } = await setup(api);
  const runners = groups.filter(({ of }) => of === 'runner');
  expect(runners).toEqual([
    { of: 'runner', runner: RUNNER, checks: found },
    { of: 'runner', runner: 'runner-2', checks: [expect.objectContaining({ level: 'bad' })] },
    { of: 'runner', runner: 'runner-3', checks: [expect.objectContaining({ level: 'bad' })] },
  ]);
});

test('whether anything was ever approved is known without a look, and stays known', async () => {
  await using api = await apiFixture();
  expect(await setup(api, '?look=none')).toMatchObject({ ever_approved: false, groups: [] });
  await api.bring('ACME-1', 'cancelled');
  expect((await setup(api, '?look=none')).ever_approved).toBe(false);
  await api.bring('ACME-2', 'approved');
  expect((await setup(api, '?look=none')).ever_approved).toBe(true);
});

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCore, readStartWaits } from '@pco/shared/engine';
import { isCode } from '@pco/shared/errors';
import { createRunnerStore } from '@pco/shared/redis';
import {
  by,
  eventually,
  RUNNER,
  redisFixture,
  redisUrl,
  silentLog,
  takeAndDie,
  testConfig,
  trigger,
  wrapCore,
} from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { type SessionWorkerDeps, startSessionWorker } from './service.ts';
import type { PrepareWorkspace } from './workspace.ts';

/** A terminal service at its wire: sessions start at once, and their launcher leaves its mark. */
async function terminalService(dataDir: string) {
  const live = new Set<string>();
  let most = 0;
  const server = createServer((request, response) => {
    const id = /^\/sessions\/([\w-]+)$/.exec(request.url ?? '')?.[1];
    const record = (sessionId: string) => ({ sessionId, source: 'automation', active: live.has(sessionId) });
    const answer = (json: unknown) => response.setHeader('content-type', 'application/json').end(JSON.stringify(json));
    request.resume();
    if (id && request.method === 'PUT') {
      live.add(id);
      most = Math.max(most, live.size);
      mkdirSync(join(dataDir, 'sessions', id, 'started'), { recursive: true });
      return answer({ created: true, session: record(id) });
    }
    if (id && request.method === 'DELETE') live.delete(id);
    return answer(request.url === '/sessions' ? { sessions: [...live].map(record) } : { ok: true });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    live,
    most: () => most,
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function worker({ slots = 2, sessions = 10, perProject = 10, worktree = true, agent = {} } = {}) {
  await using stack = new AsyncDisposableStack();
  const dir = mkdtempSync(join(tmpdir(), 'pco-worker-'));
  stack.defer(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
  const repo = join(dir, 'repo');
  mkdirSync(repo);
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=a@example.com', ...args], {
      cwd: repo,
      stdio: 'ignore',
    });
  git('init', '-q', '-b', 'main');
  writeFileSync(join(repo, 'README'), 'x');
  git('add', '.');
  git('commit', '-q', '-m', 'first');
  const data_dir = join(dir, 'data');
  const terminal = stack.use(await terminalService(data_dir));
  const { prefix } = stack.use(await redisFixture());
  const config = {
    ...testConfig({
      tmux_session_service: { url: terminal.url },
      automation: { repo_path: repo, signal_dir: '', agent_command: ['agent'], worktree, agent },
      runner: { id: RUNNER, slots },
      limits: { sessions, sessions_per_project: perProject },
      data_dir,
    }),
    redis: { url: await redisUrl(), prefix },
  };
  const core = wrapCore(stack.use(await openCore(config, silentLog, 'wait')));
  const opened = stack.move();
  return {
    config,
    core,
    terminal,
    start: async (stop = () => {}, more: Partial<SessionWorkerDeps> = {}) =>
      opened.use(await startSessionWorker(config, silentLog, { env: { PATH: process.env.PATH }, stop, ...more })),
    async approve(...ids: string[]) {
      for (const ticketId of ids) {
        await core.change({ ...trigger(), ticketId });
        await core.change({ type: 'person.approved', by, ticketId });
      }
    },
    cancel: (ticketId: string) => core.change({ type: 'person.cancelled', by, ticketId }),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
type Worker = Awaited<ReturnType<typeof worker>>;

const active = async ({ core }: Worker) => (await core.store.list('active')).map(({ id }) => id);

test('a runner never has more sessions than slots, and a freed slot is used by the next in line', async () => {
  await using w = await worker({ slots: 2 });
  const ids = ['ACME-1', 'ACME-2', 'ACME-3', 'ACME-4', 'ACME-5', 'ACME-6'];
  await w.approve(...ids);
  await w.start();
  const seen: string[] = [];
  while (seen.length < ids.length) {
    const expected = Math.min(2, ids.length - seen.length);
    await eventually(async () => (await active(w)).length).toBe(expected);
    const [next = ''] = await active(w);
    seen.push(next);
    await w.cancel(next);
  }
  expect(seen.toSorted()).toEqual(ids);
  expect(w.terminal.most()).toBe(2);
  await eventually(() => w.terminal.live.size).toBe(0);
});

test('the limit of all runners together holds, and the next starts soon after one has ended', async () => {
  await using w = await worker({ slots: 5, sessions: 1 });
  await w.approve('ACME-1', 'ACME-2', 'ACME-3');
  await w.start();
  for (let left = 3; left > 0; left -= 1) {
    await eventually(async () => (await active(w)).length).toBe(1);
    await w.cancel((await active(w))[0] ?? '');
  }
  expect(w.terminal.most()).toBe(1);
});

test('the limit of a project holds, and leaves the other slots to other projects', async () => {
  await using w = await worker({ slots: 5, perProject: 1 });
  const of = (project: string) => async () => (await active(w)).filter((id) => id.startsWith(`${project}-`)).length;
  const other = trigger({ workItem: { projectId: 'project-docs', project: 'DOCS' } });
  await w.approve('ACME-1', 'ACME-2');
  await w.core.change({ ...other, ticketId: 'DOCS-1' });
  await w.core.change({ type: 'person.approved', by, ticketId: 'DOCS-1' });
  await w.start();
  await eventually(of('DOCS')).toBe(1);
  for (let left = 2; left > 0; left -= 1) {
    await eventually(of('ACME')).toBe(1);
    await w.cancel((await active(w)).find((id) => id.startsWith('ACME-')) ?? '');
  }
  expect(w.terminal.most()).toBe(2);
});

test('a session that has worked for as many minutes as it may is ended, and its ticket says why', async () => {
  await using w = await worker({ agent: { max_minutes: 0.03 } });
  await w.start();
  await w.approve('ACME-1');
  await eventually(async () => (await w.core.ticket('ACME-1')).status).toBe('failed');
  const { reason, session } = await w.core.ticket('ACME-1');
  expect(reason).toMatchObject({ code: 'BUDGET_MINUTES', text: expect.stringContaining('minutes of work') });
  expect(session?.startedAt).toBeDefined();
  await eventually(() => w.terminal.live.size).toBe(0);
});

test('without worktrees one session at a time works in the repository, the others wait', async () => {
  await using w = await worker({ slots: 5, worktree: false });
  await w.approve('ACME-1', 'ACME-2', 'ACME-3');
  await w.start();
  for (let left = 3; left > 0; left -= 1) {
    await eventually(async () => (await active(w)).length).toBe(1);
    await w.cancel((await active(w))[0] ?? '');
  }
  expect(w.terminal.most()).toBe(1);
});

test('a session is ended before those that wait to be started', async () => {
  await using w = await worker({ slots: 10 });
  const begun: (() => void)[] = [];
  const isThere: boolean[] = [];
  const prepareWorkspace: PrepareWorkspace = async ({ path, branch }) => {
    if (!path.endsWith('ACME-1')) {
      isThere.push(w.terminal.live.has('claude-ACME-1'));
      await new Promise<void>((go) => begun.push(go));
    }
    return { path, branch, base: 'HEAD' };
  };
  await w.start(undefined, { prepareWorkspace });
  await w.approve('ACME-1');
  await eventually(() => active(w)).toEqual(['ACME-1']);
  await w.approve(...Array.from({ length: 9 }, (_, i) => `ACME-${i + 2}`));
  const { queues, openId } = w.core;
  const jobs = async () => {
    const { active, waiting = 0, prioritized = 0 } = (await queues.facts(`runner.${RUNNER}`)).jobs;
    return { active, waiting: waiting + prioritized };
  };
  await eventually(jobs).toEqual({ active: 8, waiting: 1 });
  await w.cancel('ACME-1');
  const stop = await openId('session.stop', 'ACME-1');
  await eventually(async () => (await queues.state(`runner.${RUNNER}`, stop)).state).toBe('waiting');
  begun[0]?.();
  await eventually(() => begun.length).toBe(9);
  expect(isThere).toEqual([...Array<boolean>(8).fill(true), false]);
  for (const go of begun) go();
  await eventually(async () => (await active(w)).length).toBe(9);
});

test('many slots freed at the same instant are all used again', async () => {
  await using w = await worker({ slots: 3 });
  const ids = Array.from({ length: 9 }, (_, i) => `ACME-${i + 1}`);
  await w.approve(...ids);
  await w.start();
  for (let round = 0; round < 3; round += 1) {
    await eventually(async () => (await active(w)).length).toBe(3);
    await Promise.all((await active(w)).map((id) => w.cancel(id)));
  }
  expect(w.terminal.most()).toBe(3);
  await eventually(async () => (await w.core.store.counts()).cancelled).toBe(9);
});

test('without memory or disk tickets wait, and go on by themselves when there is room', async () => {
  await using w = await worker({ slots: 3 });
  let freeMb = 100;
  const disks = [{ of: 'worktrees', path: '/w', totalMb: 9_000, freeMb: 9_000 }];
  const measure = async () => {
    if (freeMb < 0) throw new Error('EIO: the disk does not answer');
    const memory = { totalMb: 8_000, freeMb };
    return { memory, cpu: { cores: 1, load: 0, usedPercent: 0 }, disks };
  };
  await w.approve('ACME-1', 'ACME-2');
  await using service = await w.start(() => {}, { measure });
  const runners = createRunnerStore(w.core.redis.client, w.core.redis.keys);
  const refuses = async () => (await runners.get(RUNNER))?.heartbeat?.refuses?.code ?? null;
  await eventually(refuses).toBe('MEMORY');
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  expect(metrics).toContain('runner_refuses{reason="memory"} 1');
  expect(metrics).toContain(`runner_memory_free_bytes ${100 * 1024 * 1024}`);
  const waits = await readStartWaits(w.core.redis, w.core.policyOf);
  expect(await waits(await w.core.ticket('ACME-1'))).toMatchObject({ code: 'NO_ROOM' });
  freeMb = -1;
  await eventually(refuses).toBe('UNMEASURED');
  expect((await w.core.store.counts()).approved).toBe(2);
  freeMb = 4_000;
  await eventually(async () => (await active(w)).length).toBe(2);
  expect(await refuses()).toBeNull();
  freeMb = 100;
  await eventually(refuses).toBe('MEMORY');
  await w.approve('ACME-3');
  await w.cancel('ACME-1'); // a free slot is not enough
  await eventually(() => w.terminal.live.size).toBe(1);
  expect((await w.core.ticket('ACME-3')).status).toBe('approved');
});

test('a host that is being emptied takes nothing, says when nothing is left, and goes on when it is asked to', async () => {
  await using w = await worker({ slots: 3 });
  const drain = join(w.config.data_dir, 'drain');
  await w.approve('ACME-1');
  await w.start();
  await eventually(async () => (await active(w)).length).toBe(1);
  writeFileSync(drain, '');
  const runners = createRunnerStore(w.core.redis.client, w.core.redis.keys);
  const refuses = async () => (await runners.get(RUNNER))?.heartbeat?.refuses?.code ?? null;
  await eventually(refuses).toBe('DRAINING');
  await w.approve('ACME-2');
  const waits = await readStartWaits(w.core.redis, w.core.policyOf);
  expect((await waits(await w.core.ticket('ACME-2')))?.why).toContain('being emptied');
  expect([existsSync(`${drain}.done`), await active(w)]).toEqual([false, ['ACME-1']]); // what runs goes on
  await w.cancel('ACME-1');
  await eventually(() => existsSync(`${drain}.done`)).toBe(true);
  expect((await w.core.ticket('ACME-2')).status).toBe('approved');
  rmSync(drain);
  await eventually(async () => active(w)).toEqual(['ACME-2']);
  await eventually(() => existsSync(`${drain}.done`)).toBe(false);
  expect(await refuses()).toBeNull();
});

test('a worker that starts takes over from one that died in its folder, whatever the number of its process is now', async () => {
  await using w = await worker();
  const { client, keys } = w.core.redis;
  const held = async () => JSON.parse((await client.get(keys.runner(RUNNER))) ?? '{}');
  let before: unknown;
  {
    await using _first = await w.start();
    before = await held();
  }
  const dead = { ...z.looseObject({}).parse(before), instance: 'dead', pid: 1 };
  await client.set(keys.runner(RUNNER), JSON.stringify(dead), 'PX', 60_000);
  await using service = await w.start();
  expect(await held()).toMatchObject({ host: hostname(), pid: process.pid, capacity: 2 });
  expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
  expect(await (await fetch(`${service.url}/metrics`)).text()).toContain('runner_slots_used 0');
});

test('what a worker of this host held when it died is done at once by the next one, however long its locks last', async () => {
  await using w = await worker();
  await w.approve('ACME-1');
  const start = `runner.${RUNNER}`;
  const jobs = w.core.queues.get(start);
  {
    const stuck: PrepareWorkspace = ({ signal }) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    await using _first = await w.start(undefined, { prepareWorkspace: stuck });
    await eventually(() => jobs.getActiveCount()).toBe(1);
  }
  await takeAndDie(w.core.redis, start);
  expect(await jobs.getActiveCount()).toBe(1);
  await using _next = await w.start();
  await eventually(() => active(w)).toEqual(['ACME-1']);
});

test('what the agents are seen doing is counted, a second after its evidence at the latest', async () => {
  await using w = await worker();
  await w.approve('ACME-1');
  await using service = await w.start();
  await eventually(() => active(w)).toEqual(['ACME-1']);
  const hook = { at: Date.now(), hook: { hook_event_name: 'PermissionRequest', tool_name: 'Bash' } };
  writeFileSync(join(w.config.data_dir, 'sessions/claude-ACME-1/hooks.jsonl'), `${JSON.stringify(hook)}\n`);
  await eventually(async () => (await w.core.ticket('ACME-1')).observed?.state).toBe('permission');
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  expect(metrics).toContain('runner_sessions{state="permission"} 1');
  expect(metrics).toContain('runner_sessions{state="working"} 0');
});

test('a worker that stops takes its heartbeat back, and leaves its sessions running', async () => {
  await using w = await worker();
  await w.approve('ACME-1');
  {
    await using _service = await w.start();
    await eventually(() => active(w)).toEqual(['ACME-1']);
  }
  expect(await w.core.redis.client.exists(w.core.redis.keys.runner(RUNNER))).toBe(0);
  expect([...w.terminal.live]).toEqual(['claude-ACME-1']);
  expect((await w.core.ticket('ACME-1')).status).toBe('active');
});

test('of two workers under one id the second says so and does not start', { timeout: 40_000 }, async () => {
  await using w = await worker();
  const { client, keys } = w.core.redis;
  // of a host of the same name, as containers often are, and a process that is not to be seen from here
  const other = { instance: 'other', host: hostname(), pid: 4_194_301, folder: 'other', capacity: 1, at: Date.now() };
  await client.set(keys.runner(RUNNER), JSON.stringify(other), 'PX', 60_000);
  const refused = await w.start().catch((err: unknown) => err);
  expect(isCode(refused, 'RUNNER_ID_TAKEN')).toBe(true);
  expect(String(refused)).toContain(`session-worker on ${hostname()}, pid 4194301`);
  expect(JSON.parse((await client.get(keys.runner(RUNNER))) ?? '{}')).toEqual(other);
});

test('a worker whose id another one has taken meanwhile stops, and leaves the other registered', async () => {
  await using w = await worker();
  const stopped: number[] = [];
  {
    await using _service = await w.start(() => stopped.push(1));
    const { client, keys } = w.core.redis;
    const other = { instance: 'other', host: 'elsewhere', pid: 1, capacity: 1, at: Date.now() };
    await client.set(keys.runner(RUNNER), JSON.stringify(other), 'PX', 60_000);
    await eventually(() => stopped.length).toBeGreaterThan(0);
  }
  expect(JSON.parse((await w.core.redis.client.get(w.core.redis.keys.runner(RUNNER))) ?? '{}').instance).toBe('other');
});

test('a second worker on one data folder says so and does not start, whatever it is called', async () => {
  await using w = await worker();
  await using _first = await w.start();
  const config = { ...w.config, runner: { ...w.config.runner, id: 'another' } };
  const refused = await startSessionWorker(config, silentLog, { env: {}, stop: () => {} }).catch((err: unknown) => err);
  expect(isCode(refused, 'DATA_DIR_TAKEN')).toBe(true);
  expect(String(refused)).toContain(`another session-worker (pid ${process.pid}) uses ${w.config.data_dir}`);
  expect(await w.core.redis.client.exists(w.core.redis.keys.runner('another'))).toBe(0);
});

test('a runner keeps the name of its first start, whatever its host is called later', async () => {
  await using w = await worker();
  const dir = w.config.data_dir;
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'runner-id'), 'first-name\n');
  const config = { ...w.config, runner: { ...w.config.runner, id: undefined } };
  const deps = { env: {}, stop: () => {} };
  {
    await using _service = await startSessionWorker(config, silentLog, deps);
    expect(await w.core.redis.client.exists(w.core.redis.keys.runner('first-name'))).toBe(1);
  }
  writeFileSync(join(dir, 'runner-id'), '../not a name');
  await using _service = await startSessionWorker(config, silentLog, deps);
  const made = readFileSync(join(dir, 'runner-id'), 'utf8').trim();
  expect(made).toMatch(/^[a-z0-9][a-z0-9-]*$/);
  expect(await w.core.redis.client.exists(w.core.redis.keys.runner(made))).toBe(1);
});

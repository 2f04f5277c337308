import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigInput } from '@pco/shared/config';
import { createEffectHandle } from '@pco/shared/engine';
import { by, eventually, RUNNER, silentLog, trigger } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { reconcileOnce } from './reconcile.ts';
import type { CreateSession } from './sessions-client.ts';
import { createStartSession } from './start-session.ts';
import { createStopSession } from './stop-session.ts';
import { hostFixture } from './testing/host-fixture.ts';
import { createPrepareWorkspace } from './workspace.ts';

const SESSION = 'claude-ACME-1';

/** A host with a real repository; its terminals start whatever they are told to at once. */
async function starting(automation: NonNullable<ConfigInput['automation']> = {}) {
  const created: CreateSession[] = [];
  const sessions = {
    create: async (sessionId: string, session: CreateSession) => {
      created.push(session);
      mkdirSync(join(f.paths.sessions, sessionId, 'started'));
      writeFileSync(join(f.paths.sessions, sessionId, 'accepted'), '');
      return { created: true, session: { sessionId, active: true } };
    },
    remove: async () => {},
  };
  const f = await hostFixture(sessions, { stop_grace: 1, ...automation });
  const repo = join(f.dir, 'repo');
  mkdirSync(repo);
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=a@example.com', ...args], {
      cwd: repo,
      encoding: 'utf8',
    });
  git('init', '-q', '-b', 'main');
  writeFileSync(join(repo, 'README'), 'x');
  git('add', '.');
  git('commit', '-q', '-m', 'first');
  const config = { ...f.host.config, automation: { ...f.host.config.automation, repo_path: repo } };
  const host = { ...f.host, config, prepareWorkspace: createPrepareWorkspace() };
  const handlers = { 'session.start': createStartSession(host), 'session.stop': createStopSession(host) };
  const handle = createEffectHandle({ store: f.core.store, apply: f.core.apply, handlers });
  const run = async (type: keyof typeof handlers) => {
    const ctx = { jobId: 'j', jobName: type, log: silentLog, isLastAttempt: true, isRepeat: false, starts: 1 };
    const effectId = await f.core.openId(type, 'ACME-1');
    await handle({ ticketId: 'ACME-1', effectId, cid: 'cid-1' }, { ...ctx, signal: new AbortController().signal });
  };
  await f.core.change({ ...trigger(), ticketId: 'ACME-1' });
  await f.core.change({ type: 'person.approved', by, ticketId: 'ACME-1' });
  const claim = { type: 'slot.claimed', ticketId: 'ACME-1', runner: RUNNER, capacity: 5, tokenHash: 'hash' } as const;
  await f.core.change({ ...claim, effectId: await f.core.openId('session.assign', 'ACME-1') });
  const read = (name: string) => readFileSync(join(f.paths.sessions, SESSION, name), 'utf8');
  return { ...f, host, repo, git, created, run, read, [Symbol.asyncDispose]: () => f[Symbol.asyncDispose]() };
}

const ticketOf = (s: Awaited<ReturnType<typeof starting>>) => s.core.ticket('ACME-1');

test('setup runs in the worktree before the agent, teardown after its end, and their words are kept', async () => {
  await using s = await starting({
    setup_command: ['sh', '-c', 'echo "$PCO_TICKET" >made-by-setup; echo prepared'],
    teardown_command: ['sh', '-c', 'rm made-by-setup; echo gone'],
  });
  await s.run('session.start');
  const { worktree = '' } = (await ticketOf(s)).session ?? {};
  expect(readFileSync(join(worktree, 'made-by-setup'), 'utf8')).toBe('ACME-1\n');
  expect(s.read('setup.log')).toBe('prepared\n');
  await s.core.change({ type: 'person.stopped', by, ticketId: 'ACME-1' });
  await s.run('session.stop');
  expect(existsSync(join(worktree, 'made-by-setup'))).toBe(false);
  expect(s.read('teardown.log')).toBe('gone\n');
});

test.each([
  ['fails', ['sh', '-c', 'echo the disk is upside down >&2; exit 3'], 'the disk is upside down'],
  ['does not end', ['sh', '-c', 'echo first; sleep 60'], 'did not end within 1 s'],
  ['is not there', ['no-such-program'], 'no-such-program'],
])('a setup that %s fails the start with its words, and no agent runs', async (_how, setup_command, words) => {
  await using s = await starting({ setup_command, command_timeout: 1 });
  await expect(s.run('session.start')).rejects.toThrow();
  expect(await ticketOf(s)).toMatchObject({ status: 'failed', reason: { text: expect.stringContaining(words) } });
  expect(s.created).toEqual([]);
});

test('a start that is made twice at once leaves the completion of the session that the other has begun', async () => {
  const once = 'mkdir once || exit 0; until [ -e go ]; do sleep 0.05; done';
  await using s = await starting({ setup_command: ['sh', '-c', once] });
  const worktree = join(s.paths.worktrees, 'ACME-1');
  const slow = s.run('session.start');
  await eventually(() => existsSync(join(worktree, 'once'))).toBe(true);
  await s.run('session.start');
  expect(await ticketOf(s)).toMatchObject({ status: 'active' });
  const completion = join(s.signals, 'completion-ACME-1.txt');
  writeFileSync(completion, 'All done.');
  writeFileSync(join(worktree, 'go'), '');
  await slow;
  expect(existsSync(completion)).toBe(true);
  expect(s.created).toHaveLength(1);
});

test('without worktrees the agent works in the repository itself, where nothing is touched', async () => {
  await using s = await starting({ worktree: false });
  writeFileSync(join(s.repo, 'README'), 'not committed');
  await s.run('session.start');
  expect(s.created[0]?.cwd).toBe(s.repo);
  expect((await ticketOf(s)).session).toMatchObject({ branch: 'main', worktree: s.repo });
  expect(s.git('status', '--porcelain')).toBe(' M README\n');
  expect(s.git('worktree', 'list').trim().split('\n')).toHaveLength(1);
  expect(s.read('prompt.md')).toContain('in the repository itself');
});

test('model, permissions, servers and hooks are the project’s; ours stay beside them', async () => {
  const theirs = { matcher: 'Edit', hooks: [{ type: 'command', command: 'make format' }] };
  await using s = await starting({
    claude_bin: '/opt/claude',
    model: 'sonnet',
    permission_mode: 'plan',
    allowed_tools: ['Bash(make:*)'],
    mcp_servers: { docs: { command: '/opt/docs-mcp' } },
    hooks: { PostToolUse: [theirs], SubagentStop: [theirs] },
  });
  await s.run('session.start');
  const command = s.created[0]?.command.join(' ');
  expect(command).toContain('/opt/claude');
  expect(command).toContain('--permission-mode plan');
  expect(command).toContain('--model sonnet');
  expect(command).toMatch(/--mcp-config \S+mcp\.json --strict-mcp-config --$/);
  expect(JSON.parse(s.read('mcp.json'))).toEqual({ mcpServers: { docs: { command: '/opt/docs-mcp' } } });
  const { permissions, hooks } = JSON.parse(s.read('settings.json'));
  expect(permissions.allow).toContain('Bash(make:*)');
  expect(hooks.PostToolUse).toEqual([
    expect.objectContaining({ hooks: [expect.objectContaining({ type: 'http' })] }),
    theirs,
  ]);
  expect(hooks.SubagentStop).toEqual([theirs]);
  expect(hooks.Stop).toHaveLength(1);
});

test('what people said in Plane is in the prompt, and a Plane that does not answer delays nothing', async () => {
  await using s = await starting();
  const link = { url: 'https://example.com/design', title: 'The design' };
  Object.assign(s.host, { comments: async () => ['<p>Use <b>red</b></p>'], links: async () => [link] });
  await s.run('session.start');
  expect(s.read('prompt.md')).toContain('<comments>\nUse **red**\n</comments>');
  expect(s.read('prompt.md')).toContain('<links>\n- https://example.com/design (The design)\n</links>');
  await using slow = await starting();
  Object.assign(slow.host, { comments: () => new Promise(() => {}) });
  await slow.run('session.start');
  expect(slow.read('prompt.md')).not.toContain('<comments>');
});

test('a session that ends by itself is torn down as well, once', async () => {
  await using s = await starting({ teardown_command: ['sh', '-c', 'echo x >>../torn'] });
  await s.run('session.start');
  await reconcileOnce(s.host, new Set());
  const torn = join((await ticketOf(s)).session?.worktree ?? '', '../torn');
  await eventually(() => existsSync(torn) && readFileSync(torn, 'utf8')).toBe('x\n');
  expect((await ticketOf(s)).status).toBe('failed');
});

test('an agent that does not say that it took the prompt fails its start with what its screen shows', async () => {
  await using s = await starting({ accept_timeout: 0.2 });
  Object.assign(s.host.sessions, {
    create: async (sessionId: string) => {
      mkdirSync(join(s.paths.sessions, sessionId, 'started'));
      return { created: true, session: { sessionId, active: true } };
    },
    screen: async () => 'Do you trust this folder?',
  });
  await expect(s.run('session.start')).rejects.toThrow();
  expect(await ticketOf(s)).toMatchObject({
    status: 'failed',
    reason: { code: 'START_FAILED', text: expect.stringContaining('Do you trust this folder?') },
  });
});

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@pco/shared/testing/free-port';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { approve, ask, updatePlane } from './support/people.ts';
import { type Stack, startStack } from './support/stack.ts';
import { until } from './support/until.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ gated: true, config: { runner: { id: 'e2e', slots: 3 } } });
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
});

async function newTicket(name: string): Promise<string> {
  const { key } = stack.emulator.createItem({ project: 'ACME', name, state: 'Todo' });
  await stack.poll();
  await stack.waitForStatus(key, 'pending');
  return key;
}

async function activeTicket(name: string): Promise<string> {
  const id = await newTicket(name);
  await approve(stack, id);
  await stack.waitForStatus(id, 'active');
  return id;
}

const cancel = (id: string) => ask(stack, 'DELETE', `/api/tickets/${id}`);
const isFree = async (id: string) =>
  (await stack.handle.client.sismember(stack.handle.keys.slots('slots:all'), id)) === 0;

test('a session that is killed is noticed, shown as interrupted, and tried again on the same branch', async () => {
  const id = await activeTicket('The terminal dies');
  stack.tmux('kill-session', '-t', `=claude-${id}`);
  const failed = await stack.waitForStatus(id, 'failed');
  expect(failed.reason?.code).toBe('NO_SUMMARY');
  await approve(stack, id);
  const again = await stack.waitForStatus(id, 'active');
  expect(again.session).toMatchObject({ id: `claude-${id}-2`, branch: `pco/${id}` });
  expect(again.attempt).toBe(2);
  stack.openGate(id);
  await stack.waitForStatus(id, 'completed');
  expect(stack.starts(id)).toEqual([`claude-${id}`, `claude-${id}-2`]);
});

test('a session goes on while its worker and the terminal service are away, and is adopted afterwards', async () => {
  const id = await activeTicket('Everybody leaves for a while');
  const pane = () => stack.tmux('list-panes', '-t', `=claude-${id}:`, '-F', '#{pane_pid}').trim();
  const before = pane();
  await Promise.all([stack.services['session-worker'].kill(), stack.services['tmux-session-service'].kill()]);
  stack.openGate(id); // the agent completes while nobody looks
  await until('the spool holds the summary', () =>
    spawnSync('ls', [join(stack.dir, 'data/spool')], { encoding: 'utf8' }).stdout.includes(
      `completion-claude-${id}.txt`,
    ),
  );
  expect(pane()).toBe(before);
  stack.services['tmux-session-service'].start();
  stack.services['session-worker'].start();
  expect((await stack.waitForStatus(id, 'completed')).summary).toBe(`Worked on ${id}.`);
  expect(stack.starts(id)).toHaveLength(1);
});

test('what ended while the worker was killed is noticed when it is back, each as what it is; the rest is adopted', async () => {
  const [died, completed, lives] = [
    await activeTicket('Dies'),
    await activeTicket('Completes'),
    await activeTicket('Lives'),
  ];
  const pane = () => stack.tmux('list-panes', '-t', `=claude-${lives}:`, '-F', '#{pane_pid}').trim();
  const before = pane();
  await stack.services['session-worker'].kill();
  stack.openGate(completed);
  await until('the spool holds the summary', () =>
    existsSync(join(stack.dir, 'data/spool', `completion-claude-${completed}.txt`)),
  );
  for (const id of [died, completed]) stack.tmux('kill-session', '-t', `=claude-${id}`);
  expect((await stack.store.load(died)).ticket?.status).toBe('active');
  stack.services['session-worker'].start();
  expect((await stack.waitForStatus(died, 'failed')).reason?.code).toBe('NO_SUMMARY');
  expect((await stack.waitForStatus(completed, 'completed')).summary).toBe(`Worked on ${completed}.`);
  for (const id of [died, completed]) await until(`the slot of ${id} is free`, () => isFree(id));
  expect((await stack.store.load(lives)).ticket?.status).toBe('active');
  expect(pane()).toBe(before);
  stack.openGate(lives);
  await stack.waitForStatus(lives, 'completed');
  for (const id of [died, completed, lives]) expect(stack.starts(id)).toEqual([`claude-${id}`]);
});

test('a completion file in the shared folder completes the ticket and is kept afterwards', async () => {
  const id = await activeTicket('Completed by file');
  const { status, stdout } = spawnSync(
    join(import.meta.dirname, '../scripts/complete-ticket'),
    [id, 'By file: "quoted" & $(safe)'],
    {
      env: { PATH: process.env.PATH, PCO_SIGNAL_DIR: join(stack.dir, 'signals') },
      encoding: 'utf8',
    },
  );
  expect([status, stdout]).toEqual([0, expect.stringContaining(id)]);
  expect((await stack.waitForStatus(id, 'completed')).summary).toBe('By file: "quoted" & $(safe)');
  await until('the file is kept', () =>
    spawnSync('ls', [join(stack.dir, 'data/signals/accepted')], { encoding: 'utf8' }).stdout.includes(
      `completion-${id}.txt`,
    ),
  );
});

test('a session completes over HTTP with its own token and with no other', async () => {
  const id = await activeTicket('Completed over HTTP');
  const token = readFileSync(join(stack.dir, 'data/sessions', `claude-${id}`, 'token'), 'utf8');
  const say = (bearer: string) =>
    fetch(`${stack.api}/api/tickets/${id}/complete`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
      body: JSON.stringify({ summary: 'Over HTTP.' }),
    });
  expect((await say('not-the-token')).status).toBe(401);
  expect((await say(token)).status).toBe(200);
  expect((await stack.waitForStatus(id, 'completed')).summary).toBe('Over HTTP.');
});

test('a completion file of an earlier time, of a stranger or for an unknown ticket completes nothing', async () => {
  const id = await newTicket('Left-over file');
  writeFileSync(join(stack.dir, 'signals', `completion-${id}.txt`), 'left over from an earlier session');
  writeFileSync(join(stack.dir, 'data/spool', 'completion-claude-ACME-999.txt'), 'of no session');
  await approve(stack, id);
  await stack.waitForStatus(id, 'active');
  await until('both files are refused', () => {
    const { stdout } = spawnSync('ls', [join(stack.dir, 'data/signals/refused')], { encoding: 'utf8' });
    return stdout.includes(`completion-${id}.txt`) && stdout.includes('completion-claude-ACME-999.txt');
  });
  expect((await stack.store.load(id)).ticket?.status).toBe('active');
  await cancel(id);
});

test('cancelling an active ticket ends its session and frees its slot', async () => {
  const id = await activeTicket('Never mind');
  expect((await cancel(id)).body).toEqual({ status: 'deleted', ticket_id: id });
  await until('the session is gone', () => !stack.hasSession(`claude-${id}`));
  await until('the slot is free', () => isFree(id));
  expect((await cancel(id)).status, 'a second click is answered like the first').toBe(200);
  expect(stack.emulator.item(id).comments).toEqual([]);
});

test('a full runner lets tickets wait visibly, never takes more than its slots, and uses a freed one', async () => {
  const ids = [];
  for (const name of ['one', 'two', 'three', 'four']) ids.push(await newTicket(name));
  await Promise.all(ids.map((id) => ask(stack, 'POST', `/api/approve/${id}?wait=0`)));
  await until('three run', async () => (await stack.store.counts()).active === 3);
  const { body } = await ask(stack, 'GET', '/api/active-sessions');
  const waiting = (body as unknown as { id: string; status: string }[]).filter(({ status }) => status === 'approved');
  expect(waiting).toHaveLength(1);
  expect(await stack.handle.client.scard(stack.handle.keys.slots('slots:all'))).toBe(3);
  const running = ids.filter((id) => id !== waiting[0]?.id);
  await cancel(running[0] ?? '');
  await stack.waitForStatus(waiting[0]?.id ?? '', 'active');
  for (const id of ids) await cancel(id);
});

test('a refused comment is shown and, once mended, written exactly once', async () => {
  const id = await activeTicket('Not valid');
  stack.openGate(id);
  await stack.waitForStatus(id, 'completed');
  stack.emulator.fault({ kind: 'status', status: 400, method: 'POST', pathPattern: '/comments/', times: 1 });
  const refused = await ask(stack, 'POST', `/api/update-plane/${id}`, { summary: 'Done.' });
  expect(refused.status).toBe(500);
  expect(String(refused.body.detail)).toContain('Plane refused the request');
  const { body } = await ask(stack, 'GET', '/api/completed-tickets');
  expect(
    (body as unknown as { id: string; error: string | null }[]).find((ticket) => ticket.id === id)?.error,
  ).toContain('plane.comment');
  expect((await updatePlane(stack, id, 'Done.')).status).toBe(200);
  expect(stack.emulator.item(id).comments).toHaveLength(1);
});

test('an outage of Plane delays the write-back and costs nothing', async () => {
  const id = await activeTicket('Plane is away');
  stack.openGate(id);
  await stack.waitForStatus(id, 'completed');
  const fault = stack.emulator.fault({
    kind: 'status',
    status: 503,
    method: 'POST',
    pathPattern: '/comments/',
    times: 50,
  });
  expect((await ask(stack, 'POST', `/api/update-plane/${id}?wait=1`, { summary: 'Done.' })).status).toBe(202);
  await until('Plane was asked twice', () => stack.emulator.countRequests({ method: 'POST', status: 503 }) >= 2);
  stack.emulator.removeFault(fault);
  await stack.waitForStatus(id, 'done');
  expect(stack.emulator.item(id).comments).toHaveLength(1);
});

test('a work item that is deleted before the write-back ends its ticket with the reason, and gets no comment', async () => {
  const id = await activeTicket('Deleted meanwhile');
  stack.openGate(id);
  await stack.waitForStatus(id, 'completed');
  stack.emulator.deleteItem(id);
  expect((await ask(stack, 'POST', `/api/update-plane/${id}`, { summary: 'Done.' })).status).toBe(410);
  expect((await stack.waitForStatus(id, 'cancelled')).reason?.code).toBe('WORK_ITEM_GONE');
  expect(stack.emulator.item(id).comments).toEqual([]);
});

test('a work item that vanishes from its project ends a living ticket at the next poll', async () => {
  const id = await activeTicket('Archived meanwhile');
  stack.emulator.archiveItem(id);
  await until('the poll has noticed', async () => {
    await stack.poll();
    return (await stack.store.load(id)).ticket?.status === 'cancelled';
  });
  await until('its session is gone', () => !stack.hasSession(`claude-${id}`));
});

test('a state that somebody changed meanwhile is left alone, and said so', async () => {
  const id = await activeTicket('Moved meanwhile');
  stack.openGate(id);
  await stack.waitForStatus(id, 'completed');
  stack.emulator.editItem(id, { state: 'Done' });
  const { body } = await ask(stack, 'POST', `/api/update-plane/${id}`, { summary: 'Done.' });
  expect(body).toMatchObject({
    status: 'updated',
    comment_posted: true,
    state_updated: false,
    warning: expect.stringContaining('left alone'),
  });
  expect(stack.emulator.item(id).state).toBe('Done');
});

const logLines = (text: string) => text.split('\n').filter(Boolean);

test('a service without Redis says so in one line and exits with 1', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['apps/plane-writer/src/main.ts'], {
    cwd: join(import.meta.dirname, '..'),
    env: {
      PATH: process.env.PATH,
      PCO_CONFIG: stack.configFile,
      PCO_REDIS_URL: 'redis://127.0.0.1:1',
      PCO_PLANE_WRITER_PORT: '0',
    },
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  const lines = logLines(stdout + stderr);
  expect(lines.at(-1)).toMatch(/Redis does not answer: .*127\.0\.0\.1:1; check redis\.url/);
  expect(lines.filter((line) => line.includes('"level":"fatal"'))).toHaveLength(1);
  expect(stdout + stderr).not.toContain('    at '); // no stack: it is nobody's bug
});

test('PORT and HOST alone say where an api listens that is started by itself', async () => {
  const port = await freePort();
  const api = spawn(process.execPath, ['apps/api/src/main.ts'], {
    cwd: join(import.meta.dirname, '..'),
    env: { PATH: process.env.PATH, PCO_CONFIG: stack.configFile, PORT: String(port), HOST: '127.0.0.1' },
    stdio: 'ignore',
  });
  try {
    await until('it answers there', () =>
      fetch(`http://127.0.0.1:${port}/livez`).then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
  } finally {
    api.kill('SIGKILL');
  }
});

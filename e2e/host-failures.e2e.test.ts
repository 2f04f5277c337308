import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { approve, ask } from './support/people.ts';
import { canMount, mountSmallDisk, type SmallDisk } from './support/small-disk.ts';
import { SERVICES, type Stack, startStack } from './support/stack.ts';
import { until } from './support/until.ts';

// What can go wrong with a runner's host while tickets are on their way: full disks, a tmux server that dies, services
// that are replaced by a new version.

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    config: {
      automation: { agent_command: [resolve(import.meta.dirname, 'support/odd-agent.sh')], stop_grace: 1 },
      runner: { id: 'e2e', slots: 50, min_free_disk_mb: 0 }, // as if the disk became full after the last look at it
    },
  });
});
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
});

/** The kinds of `support/odd-agent.sh`. */
async function newTicket(kind: string): Promise<string> {
  const { key } = stack.emulator.createItem({ project: 'ACME', name: `${kind} 1`, state: 'Todo' });
  await stack.poll();
  await stack.waitForStatus(key, 'pending');
  return key;
}
const press = (id: string, ...keys: string[]) => {
  for (const key of keys) stack.tmux('send-keys', '-t', `=claude-${id}:`, key);
};
const screen = (id: string): string => stack.tmux('capture-pane', '-p', '-t', `=claude-${id}:`);
const agentPid = (id: string): string => stack.tmux('list-panes', '-t', `=claude-${id}:`, '-F', '#{pane_pid}').trim();
const sessionDir = (id: string) => join(stack.dir, 'data/sessions', `claude-${id}`);

/** A folder of the product on a disk that is full. */
function fullDisk(folder: string): SmallDisk {
  const disk = mountSmallDisk(join(stack.dir, 'data', folder));
  onTestFinished(() => disk[Symbol.dispose]());
  disk.fill();
  return disk;
}

describe.skipIf(!canMount())('the disk is full', () => {
  test.each(['worktrees', 'sessions', 'tmux-session-service'])(
    'where %s are: a start fails and says so, and goes on when there is room',
    async (folder) => {
      const id = await newTicket('silent');
      const disk = fullDisk(folder);
      await approve(stack, id);
      const failed = await stack.waitForStatus(id, 'failed');
      expect(failed.reason).toMatchObject({ code: 'START_FAILED', text: expect.stringContaining('no space is left') });
      expect(stack.starts(id), 'agents that ran').toEqual([]);
      disk.makeRoom();
      await approve(stack, id);
      const { session } = await stack.waitForStatus(id, 'active');
      await expect.poll(() => stack.starts(id)).toEqual([session?.id]); // its launcher is noted before it
      await ask(stack, 'DELETE', `/api/tickets/${id}`);
      await until('its session has ended', () => !stack.hasSession(session?.id ?? ''));
    },
  );

  test('where completions are written: who reports one hears that it is not recorded, until there is room', async () => {
    const id = await newTicket('quits-without-summary');
    await approve(stack, id);
    await until('its terminal asks for a summary', () => screen(id).includes('Summary of the work'));
    const disk = fullDisk('spool');
    press(id, 'What I did', 'Enter');
    await until('it says that nothing is recorded, and asks again', () => {
      return screen(id).includes('NOT recorded') && screen(id).includes('Summary of the work once more');
    });
    expect((await stack.store.load(id)).ticket?.summary).toBeUndefined();
    disk.makeRoom();
    press(id, 'What I did', 'Enter');
    expect((await stack.waitForStatus(id, 'completed')).summary).toBe('What I did');
  });

  test('in the shared folder: complete-ticket fails, and does not when there is room', async () => {
    const id = await newTicket('silent');
    await approve(stack, id);
    await stack.waitForStatus(id, 'active', 'waiting');
    const disk = mountSmallDisk(join(stack.dir, 'signals'));
    onTestFinished(() => disk[Symbol.dispose]());
    disk.fill();
    const report = () =>
      spawnSync(join(import.meta.dirname, '../scripts/complete-ticket'), [id, 'By file.'], {
        env: { PATH: process.env.PATH, PCO_SIGNAL_DIR: join(stack.dir, 'signals') },
        encoding: 'utf8',
      });
    expect(report()).toMatchObject({ status: 1, stderr: expect.stringContaining('NOT recorded') });
    disk.makeRoom();
    expect(report().status).toBe(0);
    expect((await stack.waitForStatus(id, 'completed')).summary).toBe('By file.');
  });
});

test('the tmux server is killed: tickets whose agents went with it say so, others start, and a retry works', async () => {
  const ids = [await newTicket('silent'), await newTicket('silent')];
  for (const id of ids) await approve(stack, id);
  for (const id of ids) await stack.waitForStatus(id, 'active', 'waiting');
  const server = Number(stack.tmux('display-message', '-p', '#{pid}'));
  process.kill(server, 'SIGKILL');
  for (const id of ids) {
    const failed = await stack.waitForStatus(id, 'failed');
    expect(failed.reason?.code).toBe('NO_SUMMARY');
    expect(failed.reason?.text).toMatch(/disappeared/);
  }
  const { client, keys } = stack.handle;
  await until('their slots are free', async () => (await client.scard(keys.slots('slots:all'))) <= 1);
  for (const id of ids) {
    await approve(stack, id);
    expect((await stack.waitForStatus(id, 'active', 'waiting')).session?.id).toBe(`claude-${id}-2`);
    await expect.poll(() => stack.starts(id)).toEqual([`claude-${id}`, `claude-${id}-2`]);
    await ask(stack, 'DELETE', `/api/tickets/${id}`);
  }
});

test('every service is replaced while an agent works: it is the same agent afterwards, and it completes', async () => {
  const id = await newTicket('silent');
  await approve(stack, id);
  await stack.waitForStatus(id, 'active', 'waiting');
  const before = agentPid(id);
  expect(before).toMatch(/^\d+$/);
  for (const name of SERVICES) {
    expect(await stack.services[name].stop(), `${name} ends in order`).toBe(0);
    stack.services[name].start();
    await until(`${name} is ready`, () => stack.areReady([name]));
  }
  expect(agentPid(id)).toBe(before);
  expect(existsSync(join(sessionDir(id), 'exit'))).toBe(false);
  const token = readFileSync(join(sessionDir(id), 'token'), 'utf8');
  const answer = await fetch(`${stack.api}/api/tickets/${id}/complete`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ summary: 'Done by the old agent for the new version.' }),
  });
  expect(answer.status).toBe(200);
  await stack.waitForStatus(id, 'completed');
  expect(stack.starts(id)).toEqual([`claude-${id}`]);
});

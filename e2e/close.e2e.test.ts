import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { approve } from './support/people.ts';
import { type Stack, startStack } from './support/stack.ts';
import { until } from './support/until.ts';

// A person closes in Plane what an agent is working on.

const SECRET = 'plane_wh_0123456789abcdef0123456789abcdef';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ gated: true, config: { webhooks: { secrets: [SECRET] } } });
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
});

/** A ticket whose agent works, and goes on until it is stopped. */
async function atWork(name: string): Promise<string> {
  const { key } = stack.emulator.createItem({ project: 'ACME', name, state: 'Todo' });
  await stack.poll();
  await stack.waitForStatus(key, 'pending');
  await approve(stack, key);
  await stack.waitForStatus(key, 'active');
  return key;
}

async function stopped(key: string): Promise<void> {
  const ticket = await stack.waitForStatus(key, 'cancelled');
  expect(ticket.reason).toMatchObject({ text: expect.stringContaining('Plane') });
  await until('its session has ended', () => !stack.hasSession(`claude-${key}`));
  const branch = spawnSync('git', ['-C', join(stack.dir, 'repo'), 'rev-parse', '--verify', `pco/${key}`]);
  expect(branch.status, 'its work stays on its branch').toBe(0);
}

test('while an agent works its project is polled often, so that a closed work item stops it', async () => {
  const key = await atWork('Not needed any more');
  stack.emulator.editItem(key, { state: 'Cancelled' });
  await stopped(key); // the interval of a project at rest is an hour here
});

test('a webhook stops it at once', async () => {
  const key = await atWork('Not needed either');
  stack.emulator.webhook({ url: `${stack.api}/webhooks/plane`, secret: SECRET });
  stack.emulator.editItem(key, { state: 'Done' });
  await stopped(key);
});

test('a deleted work item stops it as well', async () => {
  const key = await atWork('Deleted');
  stack.emulator.deleteItem(key);
  await stopped(key);
});

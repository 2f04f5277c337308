import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { approve, updatePlane } from './support/people.ts';
import { SERVICES, type ServiceName, type Stack, startStack } from './support/stack.ts';

// Every service has a clock of its own, as on hosts that nobody keeps in step, and these are set while it works. What
// is decided is decided by the time of Redis; what a runner compares are times of its own host.
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PRELOAD = resolve(import.meta.dirname, 'support/stepping-clock.mjs');

/** Two of them are on one host. */
const ASKEW: Readonly<Record<ServiceName, number>> = {
  'tmux-session-service': -DAY,
  'session-worker': -DAY,
  'plane-writer': 400 * DAY,
  poller: -HOUR,
  api: DAY,
};

let stack: Stack;
const clocks = mkdtempSync(join(tmpdir(), 'pco-clocks-'));
const clockFile = (name: ServiceName) => join(clocks, name);
const setClock = (name: ServiceName, ms: number) => {
  writeFileSync(`${clockFile(name)}.new`, String(ms));
  renameSync(`${clockFile(name)}.new`, clockFile(name));
};
const setAll = (of: (name: ServiceName) => number) => {
  for (const name of SERVICES) setClock(name, of(name));
};

beforeAll(async () => {
  setAll((name) => ASKEW[name]);
  stack = await startStack({
    gated: true,
    serviceEnv: (name) => ({ NODE_OPTIONS: `--import ${PRELOAD}`, PCO_TEST_CLOCK: clockFile(name) }),
  });
});
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  rmSync(clocks, { recursive: true });
});

async function newTicket(name: string): Promise<string> {
  const { key } = stack.emulator.createItem({ project: 'ACME', name, state: 'Todo' });
  await stack.poll();
  await stack.waitForStatus(key, 'pending');
  return key;
}

async function expectOnce(id: string): Promise<void> {
  expect(stack.starts(id)).toEqual([`claude-${id}`]);
  expect(stack.emulator.item(id).comments).toHaveLength(1);
}

test('with clocks that differ by days a ticket goes the whole way, by the time of Redis', async () => {
  const id = await newTicket('Nobody knows how late it is');
  await approve(stack, id);
  stack.openGate(id);
  const completed = await stack.waitForStatus(id, 'completed');
  expect(Math.abs(completed.statusSince - Date.now()), 'the time of Redis, which is ours').toBeLessThan(60_000);
  await updatePlane(stack, id, 'Done.');
  await stack.waitForStatus(id, 'done');
  await expectOnce(id);
});

test('clocks that are set forward and back while a ticket is on its way change nothing', async () => {
  const id = await newTicket('The clocks are changed');
  setAll((name) => ASKEW[name] + 2 * HOUR);
  await approve(stack, id);
  await stack.waitForStatus(id, 'active');
  setAll((name) => ASKEW[name] - 5 * HOUR);
  stack.openGate(id);
  await stack.waitForStatus(id, 'completed');
  setAll((name) => -ASKEW[name]);
  await updatePlane(stack, id, 'Done.');
  await stack.waitForStatus(id, 'done');
  setAll((name) => ASKEW[name]);
  await expectOnce(id);
});

test('a completion file counts although the clock of its host is a day behind that of Redis', async () => {
  const id = await newTicket('By file');
  await approve(stack, id);
  await stack.waitForStatus(id, 'active');
  const file = join(stack.dir, 'signals', `completion-${id}.txt`);
  writeFileSync(`${file}.part`, 'By file, yesterday.');
  const thereNow = (Date.now() + ASKEW['session-worker']) / 1_000;
  utimesSync(`${file}.part`, thereNow, thereNow);
  renameSync(`${file}.part`, file);
  expect((await stack.waitForStatus(id, 'completed')).summary).toBe('By file, yesterday.');
});

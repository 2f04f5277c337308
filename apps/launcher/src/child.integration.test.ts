import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { run } from '@pco/shared/run-program';
import { pause } from '@pco/shared/time';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Child, type ChildEvent, type ChildSpec, createChild } from './child.ts';

let dir: string;
const children: Child[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pco-child-'));
});
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.stop()));
  rmSync(dir, { recursive: true, force: true });
});

function shell(script: string, more: Partial<ChildSpec> = {}) {
  const lines: string[] = [];
  const events: ChildEvent[] = [];
  const isUp = async (signal: AbortSignal) => {
    while (!signal.aborted && !existsSync(join(dir, 'up'))) await pause(10, signal);
  };
  const spec: ChildSpec = {
    name: 'it',
    command: '/bin/sh',
    args: ['-c', script],
    env: { PATH: process.env.PATH },
    cwd: dir,
    ready: isUp,
    stopMs: 2_000,
    ...more,
  };
  const child = createChild(spec, { line: (text) => lines.push(text), event: (event) => events.push(event) });
  children.push(child);
  return { child, lines, events };
}

const UP = 'echo started; touch up; exec sleep 30';

test('a child that is killed is started again and says so', async () => {
  const { child, events, lines } = shell(UP);
  child.start();
  await child.firstHealth;
  process.kill(child.pid ?? 0, 'SIGKILL');
  await expect.poll(() => child.restarts).toBe(1);
  await expect.poll(() => child.state).toBe('healthy');
  expect(events.map(({ kind }) => kind)).toEqual(['spawned', 'healthy', 'died', 'spawned', 'healthy']);
  expect(events).toContainEqual({ kind: 'died', how: 'was ended by SIGKILL', againInMs: 500, deathsInARow: 1 });
  await expect.poll(() => lines).toEqual(['started', 'started']);
});

test('a stop ends it for good, with SIGKILL when it does not listen', async () => {
  const { child, events } = shell('trap "" TERM; touch up; while :; do sleep 0.1; done', { stopMs: 200 });
  child.start();
  await child.firstHealth;
  await child.stop();
  expect(child.state).toBe('stopped');
  expect(child.pid).toBeUndefined();
  expect(events.map(({ kind }) => kind)).toEqual(['spawned', 'healthy']);
});

test('a stop between two lives does not start it again', async () => {
  const { child } = shell('exit 3');
  child.start();
  await expect.poll(() => child.state).toBe('waiting');
  await child.stop();
  expect(child.state).toBe('stopped');
});

test('five deaths in a row before it was ever healthy are hopeless, and its last words are told', async () => {
  const { child, events } = shell('echo "config.yaml: no such project" >&2; exit 1');
  child.start();
  await expect
    .poll(() => events.find(({ kind }) => kind === 'hopeless'))
    .toEqual({
      kind: 'hopeless',
      deaths: 5,
      lastWords: 'config.yaml: no such project',
    });
}, 15_000);

test('a program that does not exist dies like any other', async () => {
  const { child, events } = shell('', { command: join(dir, 'nothing') });
  child.start();
  await expect
    .poll(() => events)
    .toContainEqual(expect.objectContaining({ kind: 'died', how: expect.stringContaining('ENOENT') }));
});

test('a service does not outlive a launcher that was killed', async () => {
  const preload = pathToFileURL(resolve(import.meta.dirname, 'die-with-parent.ts')).href;
  const service = join(dir, 'service.mjs');
  const marks = "process.on('SIGTERM', () => { writeFileSync('stopped', ''); process.exit(0); });";
  writeFileSync(
    service,
    `import { writeFileSync } from 'node:fs'; ${marks} setInterval(() => {}, 1000); console.log('on');`,
  );
  const parent = join(dir, 'parent.mjs');
  const start = `spawn(process.execPath, ['--import', ${JSON.stringify(preload)}, ${JSON.stringify(service)}]`;
  writeFileSync(
    parent,
    `import { spawn } from 'node:child_process';
     const child = ${start}, { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
     child.stdout.once('data', () => process.kill(process.pid, 'SIGKILL'));`,
  );
  await run(process.execPath, [parent], { cwd: dir });
  await expect.poll(() => existsSync(join(dir, 'stopped'))).toBe(true);
});

test('a service that uses threads goes on, and so do they', async () => {
  const preload = pathToFileURL(resolve(import.meta.dirname, 'die-with-parent.ts')).href;
  const service = join(dir, 'service.mjs');
  writeFileSync(
    service,
    `import { Worker, isMainThread } from 'node:worker_threads';
     import { writeFileSync } from 'node:fs';
     if (isMainThread) new Worker(new URL(import.meta.url)).on('exit', () => setTimeout(() => writeFileSync('up', ''), 300));
     else setTimeout(() => {}, 200);
     if (isMainThread) setInterval(() => {}, 1000);`,
  );
  const { child, events } = shell('', { command: process.execPath, args: ['--import', preload, service] });
  child.start();
  await child.firstHealth;
  expect(events.map(({ kind }) => kind)).toEqual(['spawned', 'healthy']);
});

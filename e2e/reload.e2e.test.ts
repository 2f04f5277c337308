import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { SERVICES, type ServiceName, type Stack, startStack } from './support/stack.ts';
import { until } from './support/until.ts';

let stack: Stack;
let original: string;
beforeAll(async () => {
  stack = await startStack({ config: { logging: { level: 'info' } } });
  original = readFileSync(stack.configFile, 'utf8');
});
afterAll(() => stack[Symbol.asyncDispose]());

/** The terminal service has its own sections only, and its own tests of them. */
const WHOLE = SERVICES.filter((name) => name !== 'tmux-session-service');

type Tree = Record<string, Record<string, unknown>>;
const edit = (change: (tree: Tree) => void) => {
  const tree = parse(original) as Tree; // written by the stack
  change(tree);
  writeFileSync(stack.configFile, stringify(tree));
};
const section = (tree: Tree, name: string) => (tree[name] ??= {});
const lines = (name: ServiceName, event: string) => stack.logs(name).split(`"event":"${event}"`).length - 1;
const health = async (name: ServiceName): Promise<{ reasons: { code: string; why: string }[] }> => {
  const url = stack.urls[SERVICES.indexOf(name)];
  return (await (await fetch(`${url}/health`)).json()) as never; // our own answer
};

test('a saved file counts at once where it may, and names what waits for a restart', async () => {
  const make = async (name: string) => {
    const { key } = stack.emulator.createItem({ project: 'ACME', name, state: 'Todo' });
    await stack.poll();
    return key;
  };
  await stack.waitForStatus(await make('Before the change'), 'pending');
  edit((tree) => {
    Object.assign(section(tree, 'auto_approve'), { labels_any: ['agent'], per_day: 5 });
    section(tree, 'filters').labels_any = ['agent'];
    section(tree, 'logging').level = 'debug';
    section(tree, 'runner').slots = 3;
  });
  for (const name of SERVICES) await until(`${name} has read it again`, () => lines(name, 'config.reloaded') > 0);
  expect(stack.logs('poller')).toMatch(/"event":"config\.restart-needed","keys":\["runner\.slots"\]/);
  const filtered = await make('Filtered out');
  await until('the poll is over', () => stack.logs('poller').split('"level":"debug"').length > 2);
  expect((await stack.store.load(filtered)).ticket).toBeNull();
});

test('a file with faults is not used, which health and metrics say until it is mended', async () => {
  writeFileSync(stack.configFile, original.replace('poll_interval:', 'poll_intervall:'));
  for (const name of WHOLE) {
    const refused = async () => (await health(name)).reasons.find(({ code }) => code === 'config-refused');
    const { why } = await until(`${name} refuses it`, refused);
    expect(why).toMatch(/unknown key "poll_intervall"; did you mean poll_interval\? \(config\.yaml:\d+\)/);
    await expect.poll(() => lines(name, 'config.refused')).toBe(1);
  }
  expect(await (await fetch(`${stack.api}/metrics`)).text()).toContain('config_valid 0\n');
  writeFileSync(stack.configFile, original);
  for (const name of WHOLE)
    await until(`${name} uses it again`, async () =>
      (await health(name)).reasons.every(({ code }) => code !== 'config-refused'),
    );
});

test('SIGHUP reads the file again and ends nothing', async () => {
  const { pid } = stack.services.api;
  const reloads = async () =>
    Number(/^config_reloads_total (\d+)$/m.exec(await (await fetch(`${stack.api}/metrics`)).text())?.[1]);
  const before = await reloads();
  process.kill(pid ?? 0, 'SIGHUP');
  await until('the file was read again', async () => (await reloads()) > before);
  expect(stack.services.api.pid).toBe(pid);
});

test('npm start -- --check-config says every fault with its line, and starts nothing', () => {
  const check = (...args: string[]) => {
    const main = resolve(import.meta.dirname, '../apps/launcher/src/start.ts');
    const run = spawnSync(process.execPath, [main, '--check-config', '--config', stack.configFile, ...args], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', HOME: stack.dir },
    });
    return { status: run.status, said: run.stdout + run.stderr };
  };
  expect(check()).toEqual({ status: 0, said: expect.stringContaining(`valid: ${join(stack.dir, 'config.yaml')}`) });
  writeFileSync(stack.configFile, original.replace('poll_interval:', 'poll_intervall:'));
  const { status, said } = check('--set', 'api.prt=1');
  expect(status).toBe(1);
  expect(said).toMatch(/did you mean poll_interval\? \(config\.yaml:\d+\)/);
  expect(said).toMatch(/api\.prt: there is no such key; did you mean api\.port\?/);
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { expect, test } from 'vitest';
import { readCommandLine, UsageError } from './command-line.ts';

test('without arguments it is a small workspace on the usual port', () => {
  expect(readCommandLine([])).toMatchObject({
    options: { port: 5100, seed: { projects: [{ identifier: 'ACME' }] }, settings: {} },
    items: 3,
    webhook: undefined,
  });
  expect(readCommandLine(['--help'])).toBeNull();
});

test('every option reaches the emulator', () => {
  const args = ['--port', '0', '--project', 'ONE', '--project', 'TWO', '--items', '10000', '--rate-limit', '60'];
  const hook = ['--webhook', 'http://127.0.0.1:5002/webhooks/plane', '--webhook-secret', 'shared'];
  expect(readCommandLine([...args, ...hook, '--slug', 'team'])).toMatchObject({
    options: {
      port: 0,
      slug: 'team',
      seed: { projects: [{ identifier: 'ONE' }, { identifier: 'TWO' }] },
      settings: { rateLimit: { limit: 60, windowMs: 60_000 } },
    },
    items: 10_000,
    webhook: { url: 'http://127.0.0.1:5002/webhooks/plane', secret: 'shared' },
  });
});

test.each([
  [['--port', 'abc'], /--port abc: a whole number from 0 to 65535/],
  [['--items', '-1'], /--items/],
  [['--rate-limit', '0'], /--rate-limit 0: a whole number from 1/],
  [['--project', 'acme'], /--project acme: 1 to 12 capital letters/],
  [['--webhook', 'localhost'], /--webhook localhost: an http/],
  [['--webhook-secret', 'x'], /goes with --webhook/],
  [['--slug', 'a b'], /--slug a b: letters/],
  [['--seed', '/no/such/file'], /--seed: the seed file \/no\/such\/file cannot be used/],
  [['--colour'], /colour/],
  [['extra'], /extra/],
])('%j says what is wrong', (args, why) => {
  expect(() => readCommandLine(args)).toThrow(UsageError);
  expect(() => readCommandLine(args)).toThrow(why);
});

const run = (args: readonly string[]) => spawn(execPath, [join(import.meta.dirname, 'run.ts'), ...args]);

test('the program says in one line where it is and what to do, and keeps its webhook over a restart', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'plane-emulator-'));
  const seed = join(dir, 'seed.json');
  await writeFile(seed, JSON.stringify({ projects: [{ identifier: 'SEEDED' }], settings: { maxPerPage: 7 } }));
  const hook = ['--webhook', 'http://127.0.0.1:9/hook', '--webhook-secret', 'shared'];
  for (const _ of ['first', 'again']) {
    const child = run(['--port', '0', '--slug', 'team', '--seed', seed, '--state', join(dir, 'state.json'), ...hook]);
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
    });
    await expect
      .poll(() => said, { timeout: 50_000 })
      .toContain('webhooks go to http://127.0.0.1:9/hook, signed with shared');
    const [first = ''] = said.split('\n');
    expect(first).toMatch(
      /^plane emulator ready http:\S+ · API key plane_api_\S+ · workspace team · open .* plane\.api_url/,
    );
    const url = /http:\S+/.exec(first)?.[0];
    const read = async (path: string) => (await fetch(`${url}/__control${path}`)).json();
    expect(await read('/projects')).toMatchObject({ projects: [{ identifier: 'SEEDED' }] });
    expect(await read('/webhooks')).toMatchObject({ webhooks: [{ secret: 'shared', isActive: true }] });
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  }
  await rm(dir, { recursive: true });
}, 120_000);

test('wrong arguments end the program with what is wrong with them', async () => {
  const child = run(['--port', 'abc']);
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  expect(await once(child, 'close')).toEqual([2, null]);
  expect(said).toBe('plane emulator: --port abc: a whole number from 0 to 65535\n--help shows the options\n');
}, 30_000);

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { apiFixture } from './testing/api-fixture.ts';

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'pco-state-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

const Tickets = z.array(z.looseObject({ id: z.string() }));
const read = (path: string, name: string): unknown => JSON.parse(readFileSync(join(path, name), 'utf8'));
const ids = (path: string) => () =>
  ['pending', 'active', 'completed'].map((name) => {
    try {
      return Tickets.parse(read(path, `${name}-tickets.json`)).map(({ id }) => id);
    } catch {
      return 'not there yet';
    }
  });

test('the lists stand as files in the data folder, private and whole, and follow what happens', async () => {
  using data = folder();
  await using api = await apiFixture({}, undefined, { data_dir: data.path });
  await eventually(ids(data.path)).toEqual([[], [], []]);
  await api.bring('ACME-1', 'pending');
  await api.bring('ACME-2', 'active');
  await api.bring('ACME-3', 'completed');
  await api.bring('ACME-4', 'notStarted');
  await eventually(ids(data.path)).toEqual([['ACME-1', 'ACME-4'], ['ACME-2'], ['ACME-3']]);
  expect(read(data.path, 'completed-tickets.json')).toEqual((await api.get('/api/completed-tickets')).json);
  expect(readdirSync(data.path).sort()).toEqual([
    'active-tickets.json',
    'completed-tickets.json',
    'pending-tickets.json',
  ]);
  expect(statSync(join(data.path, 'pending-tickets.json')).mode & 0o777).toBe(0o600);
});

test('two apis of one host keep the same files, and nothing is left over', async () => {
  using data = folder();
  await using one = await apiFixture({}, undefined, { data_dir: data.path });
  await using two = await apiFixture({}, one.config.redis.prefix, { data_dir: data.path });
  for (let number = 1; number <= 12; number += 1) await (number % 2 ? one : two).bring(`ACME-${number}`, 'pending');
  const all = Array.from({ length: 12 }, (_, at) => `ACME-${at + 1}`);
  await eventually(ids(data.path)).toEqual([all, [], []]);
  await eventually(() => readdirSync(data.path)).toHaveLength(3);
});

test('a file that somebody changed is not taken for the state', async () => {
  using data = folder();
  await using api = await apiFixture({}, undefined, { data_dir: data.path });
  await eventually(ids(data.path)).toEqual([[], [], []]);
  writeFileSync(join(data.path, 'pending-tickets.json'), '[{"id":"ACME-666"}]');
  expect((await api.get('/api/pending-tickets')).json).toEqual([]);
  await api.bring('ACME-1', 'pending');
  await eventually(ids(data.path)).toEqual([['ACME-1'], [], []]);
});

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { testConfig } from '../testing/config-fixture.ts';
import { keysAt, nearest } from './explain.ts';
import { applyReload, differences } from './reload.ts';
import { isReloadable, RELOADABLE } from './reloadable.ts';
import { ConfigSchema } from './schema.ts';

const config = (over: Parameters<typeof testConfig>[0] = {}) => testConfig(over);

test('what may change counts at once in the object that everybody holds; the rest is named and left', () => {
  const live = config();
  const { plane, triggers } = live;
  const next = config({ plane: { poll_interval: 90 }, triggers: { comments: false }, api: { port: 6000 } });
  expect(applyReload(live, next)).toEqual({
    changed: ['plane.poll_interval', 'triggers.comments'],
    needRestart: ['api.port'],
  });
  expect([plane.poll_interval, triggers.comments, live.api.port]).toEqual([90, false, 0]);
});

test('projects, filters and rules of approval come, change and go', () => {
  const live = config();
  const over = {
    filters: { labels_any: ['agent'] },
    auto_approve: { per_day: 3 },
    projects: { ACME: { base_branch: 'main', pool: 'gpu' } },
  };
  expect(applyReload(live, config(over))).toEqual({
    changed: expect.arrayContaining(['filters.labels_any', 'auto_approve.per_day', 'projects.ACME.base_branch']),
    needRestart: ['projects.ACME.pool'],
  });
  expect(live).toMatchObject({ ...over, projects: { ACME: { base_branch: 'main' } } });
  applyReload(live, config());
  expect(live).toEqual(config());
});

test('the same file again changes nothing', () => {
  expect(
    differences(config({ projects: { A: { filters: {} } } }), config({ projects: { A: { filters: {} } } })),
  ).toEqual([]);
});

test('every reloadable key is one of the schema, and none opens, sizes or registers anything', () => {
  for (const pattern of RELOADABLE) {
    const path = pattern.split('.');
    const keys = keysAt(ConfigSchema, path.slice(0, -1));
    if (path.at(-1) !== '*') expect(keys, pattern).toContain(path.at(-1));
    else expect(keys.length, pattern).toBeGreaterThan(0);
  }
  for (const path of ['redis.url', 'api.token', 'api.host', 'plane.api_token', 'runner.slots', 'data_dir'])
    expect(isReloadable(path.split('.')), path).toBe(false);
});

test('the README names every section that is reloaded', () => {
  const text = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8');
  const line = text.split('\n- ').find((part) => part.startsWith('**Reload.**')) ?? '';
  const named = [...line.matchAll(/`([a-z_.*]+)`/g)].map(([, name]) => name);
  const expected = RELOADABLE.map((pattern) => (pattern.startsWith('automation.') ? 'automation' : pattern));
  for (const pattern of expected)
    expect(
      named.some((name) => pattern === name || pattern.startsWith(`${name}.`)),
      pattern,
    ).toBe(true);
});

test('the nearest name is suggested, and none that is far away', () => {
  expect(nearest('poll_intervall', ['poll_interval', 'project_ids'])).toBe('poll_interval');
  expect(nearest('base-branch', ['base_branch', 'branch_prefix'])).toBe('base_branch');
  expect(nearest('colour', ['poll_interval', 'project_ids'])).toBeUndefined();
});

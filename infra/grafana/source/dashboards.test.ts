import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { DASHBOARDS } from './dashboards.ts';
import { metricNames } from './metric-names.ts';
import { render } from './render.ts';

const FOLDER = resolve(import.meta.dirname, '../dashboards');

test('the files that Grafana loads are what stands here: npm run grafana writes them', () => {
  expect(readdirSync(FOLDER).sort()).toEqual(DASHBOARDS.map(({ uid }) => `${uid}.json`).sort());
  for (const dashboard of DASHBOARDS)
    expect(readFileSync(resolve(FOLDER, `${dashboard.uid}.json`), 'utf8'), dashboard.uid).toBe(render(dashboard));
});

test('the metrics of a query are found, and nothing else of it', () => {
  const expr =
    '60 * sum by (le, queue) (max by (job) (rate(a_total{status!~"2..|b_total"}[5m]))) / on (x) group_left (y) (c:d > 1e3) or vector(0)';
  expect(metricNames(expr)).toEqual(['a_total', 'c:d']);
  expect(metricNames('time() - max(a_seconds > 0) unless b offset 5m')).toEqual(['a_seconds', 'b']);
});

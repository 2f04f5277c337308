import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ConfigSchema } from '@pco/shared/config';
import { which } from '@pco/shared/run-program';
import { freePort } from '@pco/shared/testing/free-port';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { DASHBOARDS } from '../infra/grafana/source/dashboards.ts';
import { metricNames } from '../infra/grafana/source/metric-names.ts';
import { scalingQueries } from '../infra/kubernetes/source/scaling.ts';
import { approve, updatePlane } from './support/people.ts';
import { startPrometheus } from './support/prometheus/run-prometheus.ts';
import { serviceProcess } from './support/service-process.ts';
import { type Stack, startStack } from './support/stack.ts';
import { until } from './support/until.ts';

const INFRA = resolve(import.meta.dirname, '../infra/prometheus');
/** The folder of `prometheus` and `promtool`, as `npm test` found it; empty where there is none. */
const PROGRAMS = process.env.PCO_TEST_PROMETHEUS ?? dirname(which('promtool') ?? '');

interface ScrapeConfig {
  readonly global: object;
  readonly rule_files: readonly string[];
  readonly scrape_configs: readonly { job_name: string; static_configs: { targets: string[] }[] }[];
}
const shipped = parse(readFileSync(join(INFRA, 'prometheus.yml'), 'utf8')) as ScrapeConfig; // checked by promtool below

interface Rule {
  readonly record?: string;
  readonly expr: string;
}
const RULES = (parse(readFileSync(join(INFRA, 'rules.yml'), 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  ({ rules }) => rules,
); // checked by promtool below
const namesOfRules = (): string[] => RULES.flatMap(({ expr }) => metricNames(expr));
const queriesOfPanels = DASHBOARDS.flatMap(({ uid, rows }) =>
  rows.flatMap(({ panels }) =>
    panels.flatMap(({ title, queries: own }) => own.map((query) => ({ ...query, where: `${uid}: ${title}` }))),
  ),
);
const queries = [...queriesOfPanels, ...scalingQueries().map((query) => ({ ...query, rare: false }))];

const promtool = (args: readonly string[], input = '') => {
  const { status, stdout, stderr } = spawnSync(join(PROGRAMS, 'promtool'), args, { input, encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
};

test('the configuration that is shipped names every service at its default port', () => {
  const plane = { api_url: 'http://plane/api/v1', workspace_slug: 'acme' };
  const config = ConfigSchema.parse({ plane });
  const at = ({ host, port }: { host: string; port: number }) => `${host}:${port}`;
  const targets = Object.fromEntries(
    shipped.scrape_configs.map((job) => [job.job_name, job.static_configs.flatMap((one) => one.targets)]),
  );
  expect(targets).toEqual({
    'plane-orchestrator': [at(config.api)],
    'tmux-session-service': [at(config.tmux_session_service)],
    'plane-poller': [at(config.poller)],
    'plane-session-worker': [at(config.session_worker)],
    'plane-writer': [at(config.plane_writer)],
  });
});

describe.skipIf(PROGRAMS === '' || PROGRAMS === '.')('with a real Prometheus', () => {
  let stack: Stack;
  const replicas: string[] = [];
  const end = new AsyncDisposableStack();
  beforeAll(async () => {
    stack = end.use(await startStack());
    const port = await freePort();
    const second = serviceProcess({
      name: 'api',
      env: { ...stack.env, PCO_API_PORT: String(port) },
      logFile: join(stack.dir, 'api-2.log'),
    });
    second.start();
    end.defer(() => second.kill());
    replicas.push(stack.api, `http://127.0.0.1:${port}`);
    await until('the second api is ready', () =>
      fetch(`${replicas[1]}/readyz`)
        .then(({ ok }) => ok)
        .catch(() => false),
    );
  });
  afterAll(() => end.disposeAsync());

  test('what is shipped is sound, and its rules say what they should', () => {
    for (const args of [
      ['check', 'config', join(INFRA, 'prometheus.yml')],
      ['check', 'rules', join(INFRA, 'rules.yml')],
      ['test', 'rules', join(INFRA, 'rules.test.yml')],
    ]) {
      const { status, said } = promtool(args);
      expect(status, said).toBe(0);
    }
  });

  test('the metrics of every service pass promtool, and are more than forty', async () => {
    const families = new Set<string>();
    for (const url of [...stack.urls, replicas[1]]) {
      const text = await (await fetch(`${url}/metrics`)).text();
      const { status, said } = promtool(['check', 'metrics'], text);
      expect(status, `${url}: ${said}`).toBe(0);
      for (const [, name] of text.matchAll(/^# TYPE (\S+)/gm)) if (name) families.add(name);
    }
    const ours = [...families].filter((name) => !/^(process|nodejs)_/.test(name));
    expect(ours.length).toBeGreaterThanOrEqual(40);
  });

  test('the api alone gives every series that is documented, and every query of the dashboard a value', async () => {
    await using prometheus = await startPrometheus({
      programs: PROGRAMS,
      dir: stack.dir,
      jobs: { 'plane-orchestrator': replicas },
    });
    const { key } = stack.emulator.createItem({ project: 'ACME', name: 'Measure me', state: 'Todo' });
    await stack.poll();
    await stack.waitForStatus(key, 'pending');
    // a rate needs to have seen the counter before it grew
    await until('the first scrape', async () => (await prometheus.query('plane_tickets_approved_total')).length === 2);
    await approve(stack, key);
    await stack.waitForStatus(key, 'completed');
    await updatePlane(stack, key, 'Measured.');
    await stack.waitForStatus(key, 'done');
    for (const name of [
      'plane_pending_tickets',
      'plane_active_sessions',
      'plane_completed_tickets',
      'plane_tickets_approved_total',
      'plane_tickets_completed_total',
      'plane_updates_total',
      'plane_api_request_duration_seconds_count',
      'plane_api_requests_total',
      'plane_api_calls_total{operation="add_comment"}',
      'plane_session_duration_seconds_bucket',
    ])
      expect(await until(`${name} is scraped`, async () => (await prometheus.query(name))[0]), name).toBeDefined();
    expect(await prometheus.families()).toContain('plane_api_retry_total');
    for (const rule of ['pending_tickets', 'active_sessions', 'completed_tickets', 'updates:success_ratio'])
      await until(`pco:${rule} has a value`, async () => Number.isFinite((await prometheus.query(`pco:${rule}`))[0]));
    const grown = async (rule: string) => ((await prometheus.query(`pco:${rule}`))[0] ?? 0) > 0;
    for (const rule of ['approvals:rate5m', 'session_duration_seconds:p50', 'session_duration_seconds:p95'])
      await until(`pco:${rule} has a value`, () => grown(rule));
    // each replica is scraped at a moment of its own, so that one may still show what was
    const ofReplicas = async () => (await prometheus.query('plane_tickets_approved_total')).join(' ');
    await until('every replica has counted the approval', async () => (await ofReplicas()) === '1 1');
    expect(await prometheus.query('pco:updates:success_ratio')).toEqual([1]);
  });

  test('every query of every panel and of what scales is answered by a working stack, and none names a metric that no service exports', async () => {
    const others = stack.urls.filter((url) => url !== stack.api && url !== stack.terminal);
    const jobs = { 'plane-orchestrator': replicas, 'tmux-session-service': [stack.terminal], 'plane-others': others };
    await using prometheus = await startPrometheus({ programs: PROGRAMS, dir: stack.dir, jobs });
    await until('the first scrape', async () => (await prometheus.query('runner_sessions')).length > 0);
    const { key } = stack.emulator.createItem({ project: 'ACME', name: 'Measure me too', state: 'Todo' });
    await stack.poll();
    await stack.waitForStatus(key, 'pending');
    await approve(stack, key);
    await stack.waitForStatus(key, 'completed');

    // what has been described, and what rules make of it
    const isExported = async () => {
      const families = new Set(await prometheus.families());
      return [...namesOfRules(), ...queries.flatMap(({ expr }) => metricNames(expr))].filter((name) => {
        const family = name.replace(/_(?:bucket|sum|count)$/, '');
        return !families.has(name) && !families.has(family) && !name.startsWith('pco:') && name !== 'up';
      });
    };
    await expect.poll(isExported).toEqual([]);
    const recorded = new Set(RULES.flatMap(({ record }) => (record === undefined ? [] : [record])));
    const asked = queries.flatMap(({ expr }) => metricNames(expr)).filter((name) => name.startsWith('pco:'));
    expect(asked.filter((name) => !recorded.has(name))).toEqual([]);
    for (const { expr, where, rare } of queries) {
      const answer = () => prometheus.ask(expr.replaceAll('$__rate_interval', '30s'));
      if (rare) await answer();
      else await until(`${where} has a value`, async () => (await answer()).some(({ value }) => !Number.isNaN(value)));
    }
  });
});

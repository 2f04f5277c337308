import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ConfigSchema } from '@pco/shared/config';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { freePort } from '../apps/launcher/src/ports.ts';
import { which } from '../apps/launcher/src/run-command.ts';
import { approve, updatePlane } from './support/people.ts';
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
    await using prometheus = await startPrometheus(stack.dir, replicas);
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
    expect(await prometheus.query('max(plane_tickets_approved_total)')).toEqual([1]);
    expect(await prometheus.query('min(plane_tickets_approved_total)')).toEqual([1]);
    expect(await prometheus.query('pco:updates:success_ratio')).toEqual([1]);
  });
});

/** Looks every second at what is shipped to look every fifteen, at the api and at nothing else. */
async function startPrometheus(dir: string, targets: readonly string[]) {
  const folder = join(dir, 'prometheus');
  mkdirSync(folder);
  const api = shipped.scrape_configs.find(({ job_name }) => job_name === 'plane-orchestrator');
  const hosts = targets.map((url) => new URL(url).host);
  const file = join(folder, 'prometheus.yml');
  const config = {
    ...shipped,
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [join(INFRA, 'rules.yml')],
    scrape_configs: [{ ...api, scrape_interval: '1s', static_configs: [{ targets: hosts }] }],
  };
  writeFileSync(file, stringify(config));
  const listen = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    join(PROGRAMS, 'prometheus'),
    [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=${listen}`],
    { stdio: 'ignore' },
  );
  const gone = once(child, 'exit');
  const ask = async (path: string): Promise<unknown> => {
    const answer = await fetch(`http://${listen}/api/v1/${path}`);
    return ((await answer.json()) as { data: unknown }).data; // Prometheus's own envelope
  };
  await until('Prometheus is ready', () =>
    fetch(`http://${listen}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return {
    /** The values of an instant query. */
    async query(text: string): Promise<number[]> {
      const data = (await ask(`query?query=${encodeURIComponent(text)}`)) as { result: { value: [number, string] }[] }; // a vector
      return data.result.map(({ value }) => Number(value[1]));
    },
    /** Names of everything that targets have described. */
    async families(): Promise<string[]> {
      return Object.keys((await ask('metadata')) as object); // by name
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

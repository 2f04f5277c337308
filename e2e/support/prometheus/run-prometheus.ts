import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort } from '@pco/shared/testing/free-port';
import { stringify } from 'yaml';
import { until } from '../until.ts';

const RULES = resolve(import.meta.dirname, '../../../infra/prometheus/rules.yml');

/** A series of an answer. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface PrometheusUnderTest extends AsyncDisposable {
  /** @throws Error with Prometheus' own words for a query that it cannot answer */
  ask(expr: string): Promise<Series[]>;
  /** The values of an instant query. */
  query(expr: string): Promise<number[]>;
  /** Names of everything that targets have described. */
  families(): Promise<string[]>;
}

interface Setting {
  /** The folder of the programs. */
  readonly programs: string;
  /** Where its data may be. */
  readonly dir: string;
  /** Addresses of services by the names of jobs that are shipped. */
  readonly jobs: Readonly<Record<string, readonly string[]>>;
}

/** Looks every second where the one that is shipped looks every fifteen, and evaluates the rules that are shipped. */
export async function startPrometheus({ programs, dir, jobs }: Setting): Promise<PrometheusUnderTest> {
  const folder = join(dir, `prometheus-${crypto.randomUUID()}`);
  mkdirSync(folder);
  const file = join(folder, 'prometheus.yml');
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [RULES],
    scrape_configs: Object.entries(jobs).map(([job_name, urls]) => ({
      job_name,
      static_configs: [{ targets: urls.map((url) => new URL(url).host) }],
    })),
  };
  writeFileSync(file, stringify(config));
  const listen = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    join(programs, 'prometheus'),
    [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=${listen}`],
    { stdio: 'ignore' },
  );
  const gone = once(child, 'exit');
  const get = async (path: string): Promise<unknown> => {
    const answer = await fetch(`http://${listen}/api/v1/${path}`);
    const { data, error } = (await answer.json()) as { data: unknown; error?: string }; // Prometheus's own envelope
    if (error !== undefined) throw new Error(`${decodeURIComponent(path)}: ${error}`);
    return data;
  };
  await until('Prometheus is ready', () =>
    fetch(`http://${listen}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  const ask = async (expr: string): Promise<Series[]> => {
    const data = await get(`query?query=${encodeURIComponent(expr)}`);
    const { result } = data as { result: { metric: Record<string, string>; value: [number, string] }[] }; // a vector
    return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  };
  return {
    ask,
    query: async (expr) => (await ask(expr)).map(({ value }) => value),
    families: async () => Object.keys((await get('metadata')) as object), // by name
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

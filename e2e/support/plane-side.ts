import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPlaneEmulator, type PlaneEmulator, type SettingsChange } from '@pco/plane-emulator';
import type { ConfigInput } from '@pco/shared/config';
import { createKeys, createTicketStore, type Keys, type TicketStore } from '@pco/shared/redis';
import { freePort } from '@pco/shared/testing/free-port';
import { Redis } from 'ioredis';
import { stringify } from 'yaml';
import { startRedisUnderTest } from './redis-under-test.ts';
import { type ServiceProcess, serviceProcess } from './service-process.ts';
import { until } from './until.ts';

export interface PlaneSideOptions {
  readonly pollers: number;
  readonly writers: number;
  /** Merged over the `plane` section. */
  readonly plane: Partial<ConfigInput['plane']>;
  /** Other sections as they are. */
  readonly config?: Omit<Partial<ConfigInput>, 'plane'>;
  readonly settings?: SettingsChange;
  /** Fills Plane before any of our services looks at it. */
  readonly prepare?: (emulator: PlaneEmulator) => void;
}

/** The services that talk to Plane, any number of each, over a private Redis and the Plane emulator. */
export interface PlaneSide extends AsyncDisposable {
  readonly dir: string;
  readonly api: string;
  readonly emulator: PlaneEmulator;
  readonly projectId: string;
  readonly client: Redis;
  readonly keys: Keys;
  readonly store: TicketStore;
  readonly pollers: readonly ServiceProcess[];
  readonly writers: readonly ServiceProcess[];
  logs(): string;
}

export const PROJECT = 'ACME';

export async function startPlaneSide(options: PlaneSideOptions): Promise<PlaneSide> {
  await using stack = new AsyncDisposableStack();
  const dir = mkdtempSync(join(tmpdir(), 'pco-plane-'));
  if (process.env.PCO_E2E_KEEP !== '1') stack.defer(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, 'home'));
  const redis = stack.use(await startRedisUnderTest(join(dir, 'redis')));
  const emulator = stack.use(await createPlaneEmulator({ settings: options.settings }));
  const { id: projectId } = emulator.createProject({ identifier: PROJECT });
  options.prepare?.(emulator);
  const api = await freePort();
  const config: ConfigInput = {
    automation: { repo_path: dir },
    queues: { lock_duration_ms: 2_000, stalled_interval_ms: 1_000 },
    ...options.config,
    plane: {
      api_url: emulator.apiUrl,
      api_token: emulator.apiKey,
      workspace_slug: emulator.slug,
      project_ids: [projectId],
      ...options.plane,
    },
    api: { port: api, ...options.config?.api },
    redis: { url: redis.url, prefix: 'plane' },
    data_dir: join(dir, 'data'),
    logging: { level: 'debug' },
  };
  const configFile = join(dir, 'config.yaml');
  writeFileSync(configFile, stringify(config));
  const files: string[] = [];
  const urls: string[] = [];
  const start = async (name: string, count: number, portVariable: string): Promise<ServiceProcess[]> => {
    const made: ServiceProcess[] = [];
    for (let i = 1; i <= count; i += 1) {
      const port = name === 'api' ? api : await freePort();
      const logFile = join(dir, `${name}-${i}.log`);
      const env = {
        PATH: process.env.PATH ?? '',
        HOME: join(dir, 'home'),
        LANG: 'C.UTF-8',
        PCO_CONFIG: configFile,
        [portVariable]: String(port),
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), 'pco-e2e-compile-cache'),
      };
      const service = serviceProcess({ name, env, logFile });
      stack.defer(() => service.kill());
      service.start();
      files.push(logFile);
      urls.push(`http://127.0.0.1:${port}/readyz`);
      made.push(service);
    }
    return made;
  };
  const pollers = await start('poller', options.pollers, 'PCO_POLLER_PORT');
  const writers = await start('plane-writer', options.writers, 'PCO_PLANE_WRITER_PORT');
  await start('api', 1, 'PCO_API_PORT');
  const client = new Redis(redis.url, { maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  stack.defer(() => client.disconnect());
  const keys = createKeys('plane');
  for (const url of urls)
    await until(`${url} answers`, () =>
      fetch(url).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
  await until('the baseline is recorded', async () => (await client.exists(keys.cursor(projectId))) === 1, 300_000);
  const moved = stack.move();
  return {
    dir,
    api: `http://127.0.0.1:${api}`,
    emulator,
    projectId,
    client,
    keys,
    store: createTicketStore(client, keys),
    pollers,
    writers,
    logs: () => files.map((file) => readFileSync(file, 'utf8')).join(''),
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

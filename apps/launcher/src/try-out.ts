import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ConfigInput } from '@pco/shared/config';
import { run, which } from '@pco/shared/run-program';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { Agent } from './flags.ts';
import { freePortNear } from './ports.ts';
import { Refusal } from './refusal.ts';
import type { EmulatorPlan, Environment } from './services.ts';
import { createScratchRepo } from './try-out-repo.ts';

export const AGENT_SCRIPT = resolve(import.meta.dirname, '../try-out-agent.sh');
/** What the emulator answers to when nobody says otherwise. */
export const WORKSPACE = 'demo';
export const TOKEN = 'plane_api_demo_0123456789abcdef01234567';
export const TRY_OUT_PROJECT_ID = '3f0c2c4e-8a57-4d0b-9d55-de0de0de0de0';
const SOCKET = 'pco-tryout';

export const SEED = {
  projects: [
    {
      identifier: 'DEMO',
      name: 'Demo shop',
      id: TRY_OUT_PROJECT_ID,
      states: [{ name: 'In Review', group: 'started' }],
    },
  ],
  items: [
    {
      project: 'DEMO',
      name: 'Invoices lose a cent when a discount leaves half of one',
      description_html:
        '<p>An item of <b>9.95</b> with 10 % off costs 8.96, but the invoice says 8.95: fractions of a cent are cut ' +
        'off instead of rounded.</p><p>The sum is made in <code>src/invoice.js</code>. Please add a test.</p>',
      state: 'Todo',
      priority: 'high',
      labels: ['bug'],
    },
    {
      project: 'DEMO',
      name: 'Refuse invoice lines with a negative count',
      description_html: '<p>A typing error last week gave a customer money back. Such a line must be an error.</p>',
      state: 'In Progress',
      priority: 'medium',
    },
    {
      project: 'DEMO',
      name: 'Explain in the README how discounts are calculated',
      description_html: '<p>Support is asked about it every week.</p>',
      state: 'Backlog',
      priority: 'low',
    },
  ],
};

/** Default ports, and the free ones that stand in for those that are taken. */
const PORTS = {
  plane: 5010,
  tmux_session_service: 5001,
  api: 5002,
  poller: 5003,
  session_worker: 5004,
  plane_writer: 5005,
};
export type Ports = Record<keyof typeof PORTS, number>;

export interface TryOutOptions {
  readonly dataDir: string;
  readonly agent: Agent;
  readonly env: Environment;
  /** `near`: the defaults where free. `any`: free ones, so that several stacks can run. */
  readonly ports: 'near' | 'any';
  readonly apiPort?: number;
  /** Name of the tmux socket; default: one per data folder. */
  readonly socket?: string;
  /** Settings on top of the try-out's, section by section. */
  readonly settings?: Partial<ConfigInput>;
}

export interface TryOut {
  readonly configFile: string;
  readonly emulator: EmulatorPlan;
  readonly ports: Ports;
  /** Ports that are not the default because that one is taken. */
  readonly moved: readonly { name: keyof Ports; from: number; to: number }[];
  readonly socket: string;
}

/** Writes everything that a try-out needs into its data folder. What an earlier one did there is kept. */
export async function prepareTryOut(options: TryOutOptions): Promise<TryOut> {
  const { dataDir, agent, env } = options;
  const claude = env.PCO_AUTOMATION_CLAUDE_BIN ?? 'claude';
  if (agent === 'claude' && !which(claude, env.PATH) && !existsSync(claude))
    throw new Refusal(
      '--agent claude: there is no `claude` on the PATH; install Claude Code and log in, or leave the flag out',
    );
  const inDir = (name: string) => join(dataDir, name);
  for (const name of ['plane', 'signals', 'logs']) mkdirSync(inDir(name), { recursive: true });
  await createScratchRepo(inDir('repo'));
  writeFileSync(inDir('plane/seed.json'), JSON.stringify(SEED, null, 2));
  const configFile = inDir('config.yaml');
  const socket = options.socket ?? knownSocket(configFile) ?? (await newSocket(dataDir));
  const ports = await choosePorts(options);
  const text = stringify(merge(configOf(dataDir, agent, ports, socket), options.settings ?? {}));
  writeFileSync(
    configFile,
    `# Written anew by every \`npm start\` without a configuration. Yours: npm run init\n${text}`,
  );
  const wish = options.apiPort === undefined ? PORTS : { ...PORTS, api: options.apiPort };
  const names = Object.keys(PORTS) as (keyof Ports)[]; // keys of a constant object
  return {
    configFile,
    emulator: { port: ports.plane, seedFile: inDir('plane/seed.json'), stateFile: inDir('plane/state.json') },
    ports,
    moved:
      options.ports === 'any'
        ? []
        : names
            .filter((name) => ports[name] !== wish[name])
            .map((name) => ({ name, from: wish[name], to: ports[name] })),
    socket,
  };
}

function configOf(dataDir: string, agent: Agent, ports: Ports, socket: string): ConfigInput {
  return {
    plane: {
      api_url: `http://127.0.0.1:${ports.plane}/api/v1`,
      api_token: TOKEN,
      workspace_slug: WORKSPACE,
      project_ids: [TRY_OUT_PROJECT_ID],
      poll_interval: 10,
      initial_scan: 'enqueue',
    },
    automation: {
      repo_path: join(dataDir, 'repo'),
      signal_dir: join(dataDir, 'signals'),
      ...(agent === 'scripted' ? { agent_command: ['/bin/sh', AGENT_SCRIPT] } : {}),
    },
    tmux_session_service: {
      port: ports.tmux_session_service,
      url: `http://127.0.0.1:${ports.tmux_session_service}`,
      socket,
    },
    api: { port: ports.api, test_endpoint: true },
    poller: { port: ports.poller },
    session_worker: { port: ports.session_worker },
    plane_writer: { port: ports.plane_writer },
    logging: { file: join(dataDir, 'logs/orchestrator.log') },
    data_dir: dataDir,
  };
}

/** One level deep: sections are merged, their values replaced. */
function merge(base: ConfigInput, more: Partial<ConfigInput>): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base };
  for (const [name, section] of Object.entries(more)) {
    const known = merged[name];
    const both = isMapping(known) && isMapping(section);
    merged[name] = both ? { ...known, ...section } : section;
  }
  return merged;
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

async function choosePorts({ ports, apiPort }: TryOutOptions): Promise<Ports> {
  const chosen = { ...PORTS };
  const promised = new Set<number>();
  for (const name of Object.keys(PORTS) as (keyof Ports)[]) {
    const wish = name === 'api' && apiPort !== undefined ? apiPort : ports === 'any' ? 0 : PORTS[name];
    chosen[name] = await freePortNear(wish, promised);
    promised.add(chosen[name]);
  }
  return chosen;
}

const WithSocket = z.object({ tmux_session_service: z.object({ socket: z.string() }) });

function knownSocket(configFile: string): string | undefined {
  if (!existsSync(configFile)) return undefined;
  return WithSocket.safeParse(parse(readFileSync(configFile, 'utf8'))).data?.tmux_session_service.socket;
}

/** Sessions outlive us: another try-out's, or those of a data folder since deleted, must not be taken for ours. */
async function newSocket(dataDir: string): Promise<string> {
  const isTaken = (await run('tmux', ['-L', SOCKET, 'list-sessions'])).ok;
  return isTaken
    ? `${SOCKET}-${createHash('sha256').update(`${dataDir} ${Date.now()}`).digest('hex').slice(0, 6)}`
    : SOCKET;
}

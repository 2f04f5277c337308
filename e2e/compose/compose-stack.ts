import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '@pco/shared/testing/free-port';
import { Agent, type FormData, request } from 'undici';
import { stringify } from 'yaml';
import { z } from 'zod';
import { TOKEN, TRY_OUT_PROJECT_ID, WORKSPACE } from '../../apps/launcher/src/try-out.ts';
import { until } from '../support/until.ts';
import { imagesOfOthers } from './stand-ins.ts';

// The product as infra/compose.yaml has it, with a Plane to try things on, beside whatever else runs on this host.

const ROOT = resolve(import.meta.dirname, '../..');
const runs = promisify(execFile);

/** Notes its start, waits for its gate, commits, completes, stays. */
const AGENT = `
echo "$PCO_TICKET $PCO_SESSION_ID" >> /var/lib/pco/runner/starts
until [ -e "/var/lib/pco/runner/gates/$PCO_TICKET" ] || [ -e /var/lib/pco/runner/gates/all ]; do sleep 0.2; done
echo "worked on $PCO_TICKET" >> work.txt
git add work.txt && git -c user.name=agent -c user.email=agent@example.org commit -qm "work on $PCO_TICKET"
complete-ticket "$PCO_TICKET" "Worked on $PCO_TICKET."
exec sleep 600`;

const CONFIG = {
  plane: {
    api_url: 'http://plane:5100/api/v1',
    api_token: TOKEN,
    workspace_slug: WORKSPACE,
    project_ids: [TRY_OUT_PROJECT_ID],
    poll_interval: 10,
    initial_scan: 'enqueue',
    requests_per_minute: 100_000,
    lost_answer_wait: 3,
  },
  automation: {
    repo_path: '/work/repositories/demo',
    agent_command: ['/bin/sh', '-c', AGENT, 'agent'],
    keep_minutes: 0,
    stop_grace: 2,
  },
  runner: { slots: 8 },
};

const NewItem = z.object({ key: z.string() });

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly location: string | undefined;
}
export type ComposeStack = Awaited<ReturnType<typeof openComposeStack>>;

/** Starts nothing yet. */
export async function openComposeStack() {
  const dir = mkdtempSync(join(tmpdir(), 'pco-compose-'));
  mkdirSync(join(dir, 'config'));
  writeFileSync(join(dir, 'config/config.yaml'), stringify(CONFIG));
  const project = `pco-test-${process.pid}`;
  const ports = { http: await freePort(), https: await freePort(), plane: await freePort() };
  const base = `https://localhost:${ports.https}`;
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    COMPOSE_PROFILES: 'try-out,whisper',
    WHISPER_URL: 'http://whisper:8000',
    WHISPER_PATH: '/v1/audio/transcriptions',
    CONFIG_DIR: join(dir, 'config'),
    NETWORK: `${project}-network`,
    HTTP_PORT: String(ports.http),
    HTTPS_PORT: String(ports.https),
    PLANE_PORT: String(ports.plane),
    PUBLIC_URL: base,
  };
  const docker = async (...args: string[]): Promise<string> => {
    const options = { cwd: ROOT, env, maxBuffer: 64 * 1024 * 1024 };
    return (await runs('docker', args, options)).stdout.trim();
  };
  const compose = (...args: string[]) => docker('compose', '--project-name', project, ...args);
  let token = '';
  let dispatcher = new Agent();

  const ask = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const url = path.startsWith('http') ? path : `${base}${path}`;
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const options = { method: method as 'GET', dispatcher, headersTimeout: 20_000, bodyTimeout: 20_000 }; // or any other verb
    const answer = await request(url, {
      ...options,
      headers: { authorization: `Bearer ${token}`, ...json, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { location } = answer.headers;
    return { status: answer.statusCode, text: await answer.body.text(), location: location?.toString() };
  };
  const send = async (path: string, form: FormData): Promise<Pick<Answer, 'status' | 'text'>> => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await request(`${base}${path}`, { method: 'POST', dispatcher, headers, body: form });
    return { status: answer.statusCode, text: await answer.body.text() };
  };
  const plane = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await ask(method, `http://127.0.0.1:${ports.plane}/__control${path}`, body);
    if (answer.status !== 200) throw new Error(`the emulator answers ${answer.status} to ${path}: ${answer.text}`);
    return JSON.parse(answer.text);
  };
  const inAgentHost = (command: string) => compose('exec', '-T', 'agent-host', 'sh', '-c', command);

  return {
    base,
    ports,
    compose,
    docker,
    plane,
    /** A work item that a person makes. */
    createItem: async (name: string): Promise<string> =>
      NewItem.parse(await plane('POST', '/items', { project: 'DEMO', name, state: 'Todo' })).key,
    inAgentHost,
    ask,
    /** A form, as a browser sends it. */
    send,
    /** Makes what stands in for images of other makers, and says which. */
    async bringImages(): Promise<string> {
      const { env: named, standIns } = await imagesOfOthers(docker);
      Object.assign(env, named);
      return standIns.length === 0 ? 'all as shipped' : `stand-ins: ${standIns.join(', ')}`;
    },
    get token(): string {
      return token;
    },
    certificate: '',

    /** Starts what is not there, in these numbers, and waits until all of it is healthy. */
    async up(scale: Readonly<Record<string, number>> = {}): Promise<void> {
      const wanted = Object.entries(scale).flatMap(([name, count]) => ['--scale', `${name}=${count}`]);
      await compose('up', '--detach', '--no-build', '--wait', '--wait-timeout', '280', ...wanted);
      const certificate = await compose('exec', '-T', 'proxy', 'cat', '/var/lib/pco/tls/selfsigned/fullchain.pem');
      this.certificate = certificate;
      await dispatcher.close();
      dispatcher = new Agent({ connect: { ca: certificate } });
      token = await compose('exec', '-T', 'api', 'cat', '/run/secrets/api-token');
      await inAgentHost('mkdir -p /var/lib/pco/runner/gates; touch /var/lib/pco/runner/starts');
    },
    /** What a person does whose browser shows an error: the same click again. */
    async click(method: string, path: string, body?: unknown): Promise<Answer> {
      return until(`${method} ${path} is answered`, async () => {
        const answer = await ask(method, path, body).catch(() => undefined);
        if (!answer || answer.status >= 500 || answer.status === 409) return false;
        if (answer.status >= 400) throw new Error(`${method} ${path} is refused: ${answer.status} ${answer.text}`);
        return answer;
      });
    },
    async ticket(id: string): Promise<Record<string, unknown>> {
      const answer = await ask('GET', `/api/tickets/${id}`).catch(() => undefined);
      return answer?.status === 200 ? JSON.parse(answer.text) : {};
    },
    async waitFor(id: string, ...statuses: string[]): Promise<Record<string, unknown>> {
      let ticket: Record<string, unknown> = {};
      return until(
        () => {
          const { status, status_since, waits_for, error } = ticket;
          const seen = JSON.stringify({ status, status_since, waits_for, error });
          return `${id} is ${statuses.join(' or ')}; last seen: ${seen}`;
        },
        async () => {
          ticket = await this.ticket(id);
          return statuses.includes(String(ticket.status)) ? ticket : false;
        },
        300_000, // thirty tickets on a busy host
      );
    },
    openGate: (id: string) => inAgentHost(`touch /var/lib/pco/runner/gates/${id}`),
    /** Sessions that ever ran for a ticket. */
    async starts(id: string): Promise<string[]> {
      const lines = (await inAgentHost('cat /var/lib/pco/runner/starts')).split('\n');
      return lines.filter((line) => line.startsWith(`${id} `)).map((line) => line.slice(id.length + 1));
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await compose('--profile', '*', 'down', '--volumes', '--timeout', '15').catch(() => undefined);
      await dispatcher.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

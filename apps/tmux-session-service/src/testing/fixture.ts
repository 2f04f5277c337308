import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { createLogger } from '@pco/shared/log';
import { expect, vi } from 'vitest';
import { z } from 'zod';
import { readConfig } from '../config.ts';
import { startTmuxSessionService } from '../service.ts';
import { SessionRecord } from '../session-record.ts';

const PutAnswer = z.object({ session: SessionRecord, created: z.boolean() });
const MAIN = join(import.meta.dirname, '../main.ts');

// Real programs start here, on machines that are busy with other tests.
vi.setConfig({ testTimeout: 60_000 });
/** Waits for a state. */
export const eventually = <Value>(read: () => Value) => expect.poll(read, { timeout: 25_000, interval: 20 });

/** A temp folder with a tmux server of its own, both gone at the end. */
export async function sandbox(socket = `t${crypto.randomUUID().slice(0, 8)}`) {
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'pco-tmux-')));
  const variables = {
    PATH: process.env.PATH ?? '',
    HOME: dir,
    SHELL_CMD: '/bin/sh',
    TMUX_TMPDIR: dir,
    DATA_DIR: join(dir, 'data'),
    PCO_TMUX_SOCKET: socket,
    PORT: '0',
  };
  /** Runs the ordinary tmux client on the same server, as a person on the host would. */
  const tmux = async (...args: string[]): Promise<string> => {
    const env = { PATH: variables.PATH, TMUX_TMPDIR: dir, LANG: 'C.UTF-8' };
    const { stdout } = await promisify(execFile)('tmux', ['-u', '-L', socket, ...args], { env });
    return stdout;
  };
  return {
    dir,
    socket,
    variables,
    tmux,
    async [Symbol.asyncDispose]() {
      await tmux('kill-server').catch(() => {}); // the test may have killed it
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
export type Sandbox = Awaited<ReturnType<typeof sandbox>>;

/** The service inside this process. */
export async function serve(box: Sandbox, variables: Record<string, string> = {}) {
  const config = readConfig({ env: { ...box.variables, ...variables }, argv: [], cwd: box.dir });
  const service = await startTmuxSessionService(config, createLogger('test', 'silent'), process.pid);
  return { url: service.url, ...caller(service.url), [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() };
}

/** A sandbox and the service in one. */
export async function fixture(variables: Record<string, string> = {}) {
  await using stack = new AsyncDisposableStack();
  const box = stack.use(await sandbox());
  const service = stack.use(await serve(box, variables));
  const owned = stack.move();
  const { dir, socket, tmux } = box;
  const stop = () => service[Symbol.asyncDispose]();
  return { ...service, box, dir, socket, tmux, stop, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** The service as a process of its own; `url` is undefined when it did not start. */
export async function launch(box: Sandbox, variables: Record<string, string> = {}) {
  const child = spawn(process.execPath, [MAIN], { cwd: box.dir, env: { ...box.variables, ...variables } });
  const stderr: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const stdout: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  let url: string | undefined;
  for await (const line of createInterface(child.stdout)) {
    url = /"url":"([^"]+)"/.exec(line)?.[1];
    if (url !== undefined) break;
  }
  child.stdout.resume();
  if (url === undefined) await ended(child);
  return {
    ...caller(url ?? 'http://service.invalid'),
    url,
    pid: child.pid ?? 0,
    exitCode: () => child.exitCode,
    stdout: () => Buffer.concat(stdout).toString(),
    stderr: () => Buffer.concat(stderr).toString(),
    async kill(signal: NodeJS.Signals) {
      child.kill(signal);
      await ended(child);
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended(child);
    },
  };
}

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
};

function caller(url: string) {
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await fetch(url + path, { method, headers: { ...type, ...headers }, ...json });
    const text = await answer.text();
    const parsed: unknown = answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
    return { status: answer.status, body: parsed, headers: answer.headers };
  };
  return {
    call,
    /** PUT that must succeed. */
    put: async (id: string, body: object = {}) => {
      const answer = await call('PUT', `/sessions/${id}`, body);
      return PutAnswer.parse(answer.body, { error: () => `PUT answered ${JSON.stringify(answer.body)}` });
    },
    list: async (): Promise<SessionRecord[]> => {
      const { body } = await call('GET', '/sessions');
      const List = z.object({ sessions: z.array(SessionRecord) });
      return List.parse(body, { error: () => `GET answered ${JSON.stringify(body)}` }).sessions;
    },
    screen: async (id: string, lines = 0): Promise<string> => {
      const { body } = await call('GET', `/sessions/${id}/screen?lines=${lines}`);
      return z.object({ screen: z.string() }).parse(body).screen;
    },
  };
}

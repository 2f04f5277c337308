import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { startChild } from './child.ts';

const READY_MS = 20_000;
const PATIENCE_MS = 120_000;

/** The terminal service as a process, on a tmux server of its own. */
export interface TerminalService extends AsyncDisposable {
  readonly url: string;
  readonly pid: number | undefined;
  put(id: string, command: readonly string[]): Promise<void>;
  /** The address of a session's terminal. */
  terminal(id: string): string;
}

export async function startTerminalService(): Promise<TerminalService> {
  const dir = mkdtempSync(join(tmpdir(), 'pco-bench-terminals-'));
  const socket = 'bench';
  const env = { PATH: process.env.PATH, HOME: dir, TMUX_TMPDIR: dir, LANG: 'C.UTF-8' };
  const child = startChild({
    name: 'tmux-session-service',
    script: 'apps/tmux-session-service/src/main.ts',
    env: { ...env, DATA_DIR: join(dir, 'data'), PCO_TMUX_SOCKET: socket, PORT: '0' },
    logFile: join(dir, 'service.log'),
  });
  const stop = async () => {
    await child[Symbol.asyncDispose]();
    try {
      execFileSync('tmux', ['-L', socket, 'kill-server'], { env, stdio: 'ignore' });
    } catch {
      // none was started
    }
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  };
  const url = await until(() => /"url":"([^"]+)"/.exec(child.log())?.[1], READY_MS);
  if (url === undefined) {
    const log = child.log();
    await stop();
    throw new Error(`the terminal service did not start:\n${log}`);
  }
  return {
    url,
    pid: child.pid,
    async put(id, command) {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${url}/sessions/${id}`, {
        method: 'PUT',
        headers,
        body: JSON.stringify({ command }),
      });
      if (!answer.ok) throw new Error(`${url}: ${await answer.text()}`);
    },
    terminal: (id) => `${url.replace('http', 'ws')}/ws/sessions/${id}`,
    [Symbol.asyncDispose]: stop,
  };
}

const Frame = z.object({ type: z.string(), payload: z.string().default(''), seq: z.number().optional() });

export interface BenchTerminal extends AsyncDisposable {
  text(): string;
  seq(): number;
  type(text: string): void;
  /** A frame there and one back, with no terminal in between. */
  roundTrip(): Promise<void>;
  /** Resolves in the very turn in which the text is so. */
  until(isSo: (text: string) => boolean): Promise<void>;
}

/** One viewer of the terminal at that address; resolves when it is ready. */
export async function connectTerminal(url: string, query: string): Promise<BenchTerminal> {
  const socket = new WebSocket(`${url}?${query}`, { perMessageDeflate: false });
  let text = '';
  let seq = 0;
  let check = () => {};
  let answered = () => {};
  let holds = false;
  const ready = Promise.withResolvers<void>();
  socket.on('error', () => {}); // a close follows
  socket.on('message', (data) => {
    const frame = Frame.parse(JSON.parse(String(data)));
    if (frame.type === 'control') answered();
    if (frame.type === 'ready') ready.resolve();
    if (frame.type === 'reset' || frame.type === 'error') ready.reject(new Error(`${url}: ${String(data)}`));
    text += frame.payload;
    seq = frame.seq ?? seq;
    check();
  });
  socket.on('close', () => ready.reject(new Error(`${url}: closed`)));
  const patience = setTimeout(() => ready.reject(new Error(`${url}: not ready in time`)), PATIENCE_MS);
  await ready.promise.finally(() => clearTimeout(patience));
  return {
    text: () => text,
    seq: () => seq,
    type: (payload) => socket.send(JSON.stringify({ type: 'input', payload })),
    roundTrip: () =>
      new Promise((resolve) => {
        answered = resolve;
        socket.send(JSON.stringify({ type: 'control', action: holds ? 'release' : 'take' }));
        holds = !holds;
      }),
    until: (isSo) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${url}: waited in vain, has ${text.length}`)), PATIENCE_MS);
        check = () => {
          if (!isSo(text)) return;
          clearTimeout(timer);
          resolve();
        };
        check();
      }),
    async [Symbol.asyncDispose]() {
      if (socket.readyState === WebSocket.CLOSED) return;
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}

async function until<Value>(read: () => Value | undefined, ms: number): Promise<Value | undefined> {
  for (const deadline = performance.now() + ms; performance.now() < deadline; ) {
    const value = read();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return undefined;
}

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

/** A server of our own, for what a shared one must not suffer: limits, flushed scripts, its own death. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** SIGKILL; nothing is written. */
  kill(): Promise<void>;
  /** Again on the same port, empty. */
  start(): Promise<void>;
}

const MEMORY_ONLY = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];

/** Ends the server when our end of its input closes, so that no killed test run leaves one behind. */
const GUARD = '"$@" & server=$!; read -r _; kill -9 "$server"; wait "$server" 2>/dev/null';

export async function startRedisServer(
  options: readonly string[] = [],
  program = 'redis-server',
): Promise<RedisServer> {
  for (let tries = 1; ; tries += 1) {
    const port = await freePort();
    const server = serverAt(port, program, options);
    try {
      await server.start();
      return server;
    } catch (err) {
      if (tries === 5) throw err; // a few others may have taken the port meanwhile
    }
  }
}

export const hasProgram = (name: string): boolean => spawnSync(name, ['--version']).status === 0;

function serverAt(port: number, program: string, options: readonly string[]): RedisServer {
  let guard: ChildProcess | undefined;
  const kill = async () => {
    const dying = guard;
    guard = undefined;
    if (!dying || dying.exitCode !== null) return;
    const gone = once(dying, 'exit');
    dying.stdin?.end();
    await gone;
  };
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    kill,
    async start() {
      const command = [program, '--port', String(port), ...MEMORY_ONLY, ...options];
      guard = spawn('/bin/sh', ['-c', GUARD, 'sh', ...command], { stdio: ['pipe', 'pipe', 'inherit'], cwd: '/tmp' });
      await untilReady(guard, port);
    },
    [Symbol.asyncDispose]: kill,
  };
}

async function untilReady({ stdout }: ChildProcess, port: number): Promise<void> {
  if (!stdout) throw new Error('the server has no output');
  const said: string[] = [];
  for await (const line of createInterface(stdout)) {
    said.push(line);
    if (line.includes('Ready to accept connections')) {
      stdout.resume();
      return;
    }
    if (/bind|Failed listening|FATAL/i.test(line)) break;
  }
  throw new Error(`no server on port ${port}: ${said.slice(-3).join(' | ')}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen({ port: 0, host: '127.0.0.1', exclusive: true }, () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { freePort } from './free-port.ts';

/** A server of our own, for what a shared one must not suffer: limits, flushed scripts, its own death. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** SIGKILL; nothing is written. */
  kill(): Promise<void>;
  /** Again on the same port, empty unless it keeps a file. */
  start(...more: readonly string[]): Promise<void>;
}

/** And leaves no file where it was started, not even the one that a replica is filled with. */
const MEMORY_ONLY = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--rdb-del-sync-files', 'yes'];

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
  return guarded(port, 'Ready to accept connections', (more) => [
    ...[program, '--port', String(port), ...MEMORY_ONLY, ...options],
    ...more,
  ]);
}

/** A sentinel with that configuration file, which it writes to. */
export async function startSentinelServer(file: string, port: number): Promise<RedisServer> {
  const server = guarded(port, 'Sentinel ID is', () => ['redis-server', file, '--sentinel']);
  await server.start();
  return server;
}

function guarded(port: number, ready: string, commandOf: (more: readonly string[]) => string[]): RedisServer {
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
    async start(...more) {
      const command = ['-c', GUARD, 'sh', ...commandOf(more)];
      guard = spawn('/bin/sh', command, { stdio: ['pipe', 'pipe', 'inherit'], cwd: '/tmp' });
      await untilReady(guard, port, ready);
    },
    [Symbol.asyncDispose]: kill,
  };
}

async function untilReady({ stdout }: ChildProcess, port: number, ready: string): Promise<void> {
  if (!stdout) throw new Error('the server has no output');
  const said: string[] = [];
  for await (const line of createInterface(stdout)) {
    said.push(line);
    if (line.includes(ready)) {
      stdout.resume();
      return;
    }
    if (/bind|Failed listening|FATAL/i.test(line)) break;
  }
  throw new Error(`no server on port ${port}: ${said.slice(-3).join(' | ')}`);
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/** One service as a process of its own, as in production, that a test may kill and start again. */
export interface ServiceProcess {
  readonly name: string;
  readonly pid: number | undefined;
  /** Whether it ended without being told to. */
  readonly hasEnded: boolean;
  start(): void;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
  /** SIGTERM, and waits for the end. Gives the exit code. */
  stop(): Promise<number | null>;
}

export interface ServiceSpec {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  /** Everything it prints is appended here. */
  readonly logFile: string;
}

export function serviceProcess({ name, env, logFile }: ServiceSpec): ServiceProcess {
  let child: ChildProcess | undefined;
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> => {
    const dying = child;
    child = undefined;
    if (!dying || dying.exitCode !== null || dying.signalCode !== null) return dying?.exitCode ?? null;
    const gone = once(dying, 'exit');
    dying.kill(signal);
    await gone;
    return dying.exitCode;
  };
  return {
    name,
    get pid() {
      return child?.pid;
    },
    get hasEnded() {
      return child !== undefined && (child.exitCode !== null || child.signalCode !== null);
    },
    start() {
      const log = createWriteStream(logFile, { flags: 'a' });
      child = spawn(process.execPath, [join(ROOT, 'apps', name, 'src/main.ts')], {
        env,
        cwd: ROOT,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child.stdout?.pipe(log, { end: false });
      child.stderr?.pipe(log, { end: false });
    },
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
  };
}

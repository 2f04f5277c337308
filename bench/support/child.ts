import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { YOUNG_SPACE } from '../../apps/launcher/src/services.ts';

export const ROOT = resolve(import.meta.dirname, '../..');

export interface BenchChild extends AsyncDisposable {
  readonly name: string;
  readonly pid: number | undefined;
  readonly process: ChildProcess;
  log(): string;
}

export interface ChildOptions {
  readonly name: string;
  /** Relative to the root of the repository. */
  readonly script: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
  /** Default: as `npm start` runs its services. */
  readonly flags?: readonly string[];
}

const DIE_WITH_PARENT = resolve(ROOT, 'apps/launcher/src/die-with-parent.ts');
const STOP_MS = 12_000; // every service gives up by itself after 10 s

/** A Node program as a process of its own; what it prints goes to a file, messages come over IPC. */
export function startChild({ name, script, args = [], env, logFile, flags = [YOUNG_SPACE] }: ChildOptions): BenchChild {
  const log = openSync(logFile, 'a');
  const profile = process.env.PCO_BENCH_PROFILE; // a folder: every process leaves a .cpuprofile there
  const profiled = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`, `--cpu-prof-name=${name}.cpuprofile`] : [];
  const child = spawn(
    process.execPath,
    [...profiled, ...flags, '--import', DIE_WITH_PARENT, resolve(ROOT, script), ...args],
    {
      env: { ...env },
      cwd: ROOT,
      stdio: ['pipe', log, log, 'ipc'],
    },
  );
  return {
    name,
    process: child,
    get pid() {
      return child.pid;
    },
    log: () => readFileSync(logFile, 'utf8'),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      const giveUp = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await gone;
      clearTimeout(giveUp);
    },
  };
}

/** What the child says next over IPC. */
export async function nextMessage<T>(child: BenchChild): Promise<T> {
  const over = new AbortController();
  const { signal } = over;
  const died = once(child.process, 'exit', { signal }).then(() => {
    throw new Error(`${child.name} ended:\n${child.log().slice(-2_000)}`);
  });
  try {
    const [message] = await Promise.race([once(child.process, 'message', { signal }), died]);
    return message as T; // our own programs on both sides
  } finally {
    died.catch(() => undefined); // it is told off by the abort
    over.abort();
  }
}

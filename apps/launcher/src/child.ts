import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { pause, SECOND_MS } from '@pco/shared/time';
import { z } from 'zod';
import { HEALTHY_RESET_MS, restartDelayMs } from './backoff.ts';
import { parseRecord } from './log-lines.ts';

export interface ChildSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Resolves once the child does its work; gives up quietly when the signal aborts. */
  readonly ready: (signal: AbortSignal) => Promise<void>;
  /** After SIGTERM it has so long, then SIGKILL. */
  readonly stopMs: number;
  /** Told each new pid; what it returns is called when that process has ended. */
  readonly onSpawn?: (pid: number) => () => void;
}

/**
 * `starting` → `healthy` → (it dies) `waiting` → `starting` …, until `stopping` → `stopped`.
 * The child moves itself; only `start` and `stop` come from outside.
 */
export type ChildState = 'stopped' | 'starting' | 'healthy' | 'waiting' | 'stopping';

export type ChildEvent =
  | { readonly kind: 'spawned'; readonly pid: number }
  | { readonly kind: 'healthy'; readonly afterMs: number; readonly restarts: number }
  | { readonly kind: 'died'; readonly how: string; readonly againInMs: number; readonly deathsInARow: number }
  /** It died so often in a row, each time before it was healthy. */
  | { readonly kind: 'hopeless'; readonly deaths: number; readonly lastWords: string };

export interface ChildHooks {
  line(text: string, stream: 'stdout' | 'stderr'): void;
  event(event: ChildEvent): void;
}

export interface Child {
  readonly name: string;
  readonly state: ChildState;
  readonly pid: number | undefined;
  /** How often it was started again. */
  readonly restarts: number;
  start(): void;
  /** Resolves when it is healthy for the first time. */
  readonly firstHealth: Promise<void>;
  stop(): Promise<void>;
  /** Asks it to read its configuration again. */
  reload(): void;
  /** At once, with everything in its process group. */
  kill(): void;
}

const HOPELESS_DEATHS = 5;

export function createChild(spec: ChildSpec, hooks: ChildHooks): Child {
  let state: ChildState = 'stopped';
  let current: ChildProcess | undefined;
  let restarts = 0;
  const stopping = new AbortController();
  const firstHealth = Promise.withResolvers<void>();
  let ended: Promise<void> = Promise.resolve();

  async function live(): Promise<void> {
    let deathsInARow = 0;
    let earlyDeaths = 0;
    while (!stopping.signal.aborted) {
      const { how, healthyMs, lastWords } = await liveOnce();
      if (stopping.signal.aborted) break;
      deathsInARow = healthyMs >= HEALTHY_RESET_MS ? 1 : deathsInARow + 1;
      earlyDeaths = healthyMs > 0 ? 0 : earlyDeaths + 1;
      const againInMs = restartDelayMs(deathsInARow);
      state = 'waiting';
      hooks.event({ kind: 'died', how, againInMs, deathsInARow });
      if (earlyDeaths > 0 && earlyDeaths % HOPELESS_DEATHS === 0)
        hooks.event({ kind: 'hopeless', deaths: earlyDeaths, lastWords: lastWords || how });
      await pause(againInMs, stopping.signal);
      restarts++;
    }
    state = 'stopped';
  }

  async function liveOnce() {
    state = 'starting';
    const began = performance.now();
    let lastWords = '';
    const child = launch(spec, (text, stream) => {
      lastWords = wordsOf(text, stream) ?? lastWords;
      hooks.line(text, stream);
    });
    current = child.process;
    const afterwards = child.process.pid === undefined ? undefined : spec.onSpawn?.(child.process.pid);
    if (child.process.pid !== undefined) hooks.event({ kind: 'spawned', pid: child.process.pid });
    const gone = new AbortController();
    let healthySince: number | undefined;
    const watch = spec.ready(gone.signal).then(() => {
      if (gone.signal.aborted || state !== 'starting') return;
      state = 'healthy';
      healthySince = performance.now();
      hooks.event({ kind: 'healthy', afterMs: healthySince - began, restarts });
      firstHealth.resolve();
    });
    const how = await child.ended;
    gone.abort();
    await watch;
    current = undefined;
    afterwards?.();
    return {
      how,
      lastWords,
      healthyMs: healthySince === undefined ? 0 : Math.max(1, performance.now() - healthySince),
    };
  }

  return {
    name: spec.name,
    get state() {
      return state;
    },
    get pid() {
      return current?.pid;
    },
    get restarts() {
      return restarts;
    },
    firstHealth: firstHealth.promise,
    start() {
      ended = live();
    },
    async stop() {
      if (state !== 'stopped') state = 'stopping';
      stopping.abort();
      current?.kill('SIGTERM');
      const late = setTimeout(() => signalGroup(current, 'SIGKILL'), spec.stopMs);
      await ended;
      clearTimeout(late);
    },
    reload() {
      if (state === 'healthy') current?.kill('SIGHUP'); // one that is starting reads it anyway
    },
    kill() {
      stopping.abort();
      signalGroup(current, 'SIGKILL');
    },
  };
}

/** What may say why it ended: anything on stderr, and the message of a fatal log record. */
function wordsOf(text: string, stream: 'stdout' | 'stderr'): string | undefined {
  const record = Fatal.safeParse(parseRecord(text)).data;
  if (record) return record.err?.message ?? record.msg;
  return stream === 'stderr' && !STACK.test(text) ? text.trim() : undefined;
}

/** What Node prints around the message of an uncaught error. */
const STACK = /^(\s*|\s+at .*|\s*\^+|\s*[{}],?|\s+\w+: .*|Node\.js v[\d.]+)$/;

const Fatal = z.object({
  level: z.literal('fatal'),
  msg: z.string(),
  err: z.object({ message: z.string() }).optional(),
});

interface Launched {
  readonly process: ChildProcess;
  /** How it ended, in words, once its output is read to the end. */
  readonly ended: Promise<string>;
}

/**
 * Its own process group, so that Ctrl-C reaches the launcher alone, which then stops everything in order. Its input is
 * a pipe that nothing is written to: it closes when we die, however we die.
 */
function launch({ command, args, env, cwd }: ChildSpec, line: ChildHooks['line']): Launched {
  const process = spawn(command, args, { cwd, env: { ...env }, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  process.stdin?.on('error', () => undefined); // it may end before we notice
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = process[name];
    if (stream)
      createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (text) => line(text, name));
  }
  const ended = new Promise<string>((resolve) => {
    process.once('error', (err) => process.pid === undefined && resolve(`could not be started: ${err.message}`));
    process.once('exit', (code, signal) => {
      const how = signal ? `was ended by ${signal}` : `ended with ${code}`;
      // a grandchild may hold the pipes open: the last lines get a moment, no more
      const late = setTimeout(() => resolve(how), SECOND_MS);
      process.once('close', () => {
        clearTimeout(late);
        resolve(how);
      });
    });
  });
  return { process, ended };
}

function signalGroup(child: ChildProcess | undefined, signal: NodeJS.Signals): void {
  if (child?.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    child.kill(signal); // no such group (it has just ended)
  }
}

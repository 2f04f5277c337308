import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './support/child.ts';
import { cpuMs, descendants, rssMb } from './support/process-usage.ts';
import type { Progress } from './support/progress.ts';
import type { Figure, Section } from './support/report.ts';
import { median } from './support/stats.ts';

const CPU_BELOW_PERCENT = 1;
const RSS_BELOW_MB = 130;
const READY_MS = 120_000;
const STOP_MS = 30_000;
const SETTLE_MS = 12_000; // compiling lazily and the first polls are over

/** Their names in the command line of a process, and whether the limits of a service hold for them. */
const PROCESSES: readonly (readonly [name: string, mark: string, isService: boolean])[] = [
  ['api', 'apps/api/src/main.ts', true],
  ['poller', 'apps/poller/src/main.ts', true],
  ['session-worker', 'apps/session-worker/src/main.ts', true],
  ['plane-writer', 'apps/plane-writer/src/main.ts', true],
  ['tmux-session-service', 'apps/tmux-session-service/src/main.ts', true],
  ['plane-emulator', 'plane-emulator/src/main.ts', false],
  ['launcher', 'apps/launcher/src/start.ts', false],
  ['redis', 'redis-server', false],
];

export interface StartAndIdleOptions {
  readonly starts: number;
  readonly idleMs: number;
  readonly progress: Progress;
}

/** `npm start` in an empty folder, several times over the same data, and the last of them left alone for a while. */
export async function measureStartAndIdle({ starts, idleMs, progress }: StartAndIdleOptions): Promise<Section[]> {
  const dir = mkdtempSync(join(tmpdir(), 'pco-bench-start-'));
  const all: Started[] = [];
  try {
    for (let i = 0; i <= starts; i += 1) {
      progress.tick(`start ${i + 1} of ${starts + 1}`);
      await using started = await start(dir);
      if (i > 0) all.push(started); // the first one makes the data and fills the compile cache
      progress.say(`start ${i + 1} of ${starts + 1}: ready after ${(started.readyMs / 1_000).toFixed(2)} s`);
      if (i === starts) return [startSection(all), await idleSection(started.pid, idleMs, progress)];
    }
    return [];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

interface Started extends AsyncDisposable {
  readonly pid: number;
  readonly readyMs: number;
  /** From its own start to its first healthy answer, as the launcher reports it. */
  readonly serviceMs: ReadonlyMap<string, number>;
}

async function start(dir: string): Promise<Started> {
  const began = performance.now();
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PCO_')));
  const child = spawn(
    process.execPath,
    [join(ROOT, 'bin/run.mjs'), 'start', '--yes', '--data-dir', join(dir, 'data')],
    {
      cwd: dir,
      env: { ...env, PCO_LOGGING_FORMAT: 'json' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  const ready = Promise.withResolvers<number>();
  const hear = (chunk: Buffer) => {
    output += chunk.toString();
    if (/^ready http/m.test(output)) ready.resolve(performance.now() - began);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const fail = (why: string) => ready.reject(new Error(`npm start ${why}:\n${output.slice(-3_000)}`));
  child.once('exit', (code) => fail(`ended with ${code}`));
  const patience = setTimeout(() => fail('was not ready in time'), READY_MS);
  try {
    const readyMs = await ready.promise;
    return { pid: child.pid ?? 0, readyMs, serviceMs: serviceTimes(output), [Symbol.asyncDispose]: () => stop(child) };
  } catch (err) {
    await stop(child);
    throw err;
  } finally {
    clearTimeout(patience);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const giveUp = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(giveUp);
}

function serviceTimes(output: string): Map<string, number> {
  const times = new Map<string, number>();
  for (const line of output.split('\n')) {
    if (!line.startsWith('{')) continue;
    try {
      const { msg, child, afterMs } = JSON.parse(line) as { msg?: string; child?: string; afterMs?: number }; // the launcher's own lines
      if (msg === 'service ready' && child !== undefined && afterMs !== undefined) times.set(child, afterMs);
    } catch {
      // half a line
    }
  }
  return times;
}

function startSection(all: readonly Started[]): Section {
  const names = [...new Set(all.flatMap(({ serviceMs }) => [...serviceMs.keys()]))];
  const perService = names.map((name): Figure => {
    const times = all.flatMap(({ serviceMs }) => serviceMs.get(name) ?? []);
    return { name, value: median(times) / 1_000, unit: 's' };
  });
  const ready = all.map(({ readyMs }) => readyMs);
  const whole: Figure = {
    name: 'npm start → ready',
    value: median(ready) / 1_000,
    unit: 's',
    note: `median of ${all.length}`,
  };
  return {
    title: 'Start',
    about: ['The second and later starts over the same data: everything until every service is healthy.'],
    figures: [whole, ...perService],
  };
}

async function idleSection(root: number, idleMs: number, progress: Progress): Promise<Section> {
  progress.say(`idle: letting everything settle, then watching for ${idleMs / 1_000} s`);
  await pause(SETTLE_MS);
  const found = descendants(root);
  const began = performance.now();
  const before = new Map(found.map(({ pid }) => [pid, cpuMs(pid)]));
  await pause(idleMs);
  const elapsed = performance.now() - began;
  const figures = PROCESSES.flatMap(([name, mark, isService]): Figure[] => {
    const process = found.findLast(({ commandLine }) => commandLine.includes(mark) && !commandLine.includes('run.mjs'));
    if (!process) return [];
    const { pid } = process;
    const percent = ((cpuMs(pid) - (before.get(pid) ?? 0)) / elapsed) * 100;
    return [
      {
        name: `${name} CPU`,
        value: percent,
        unit: '%',
        ...(isService ? { target: { below: CPU_BELOW_PERCENT } } : {}),
      },
      {
        name: `${name} memory`,
        value: rssMb(pid),
        unit: 'MB',
        ...(isService ? { target: { below: RSS_BELOW_MB } } : {}),
      },
    ];
  });
  return {
    title: 'Idle',
    about: [
      `CPU time (of one core) over ${(elapsed / 1_000).toFixed(0)} s and resident memory, with nothing to do: one project, polled as configured.`,
    ],
    figures,
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

import { existsSync, readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism, cpus, freemem, loadavg, totalmem } from 'node:os';
import { dirname } from 'node:path';
import type { Config } from '@pco/shared/config';
import type { Measured } from '@pco/shared/redis';

const MB = 1024 * 1024;

export type Measure = () => Promise<Measured>;
/** Why a runner takes no session. */
export interface Refusal {
  readonly code: 'SLOTS' | 'MEMORY' | 'DISK' | 'LOAD' | 'UNMEASURED' | 'DRAINING';
  readonly why: string;
}
type Limits = Pick<Config['runner'], 'min_free_memory_mb' | 'min_free_disk_mb' | 'max_load'>;

/** Whether one more session fits; what could not be measured counts as missing. */
export function judgeRoom({ memory, cpu, disks }: Measured, limits: Limits): Refusal | null {
  const { min_free_memory_mb, min_free_disk_mb, max_load } = limits;
  if (memory.freeMb < min_free_memory_mb) {
    const why = `${memory.freeMb} MB of memory are free, a session needs ${min_free_memory_mb} (runner.min_free_memory_mb)`;
    return { code: 'MEMORY', why };
  }
  const full = disks.find(({ freeMb }) => freeMb < min_free_disk_mb);
  if (full) {
    const why = `${full.freeMb} MB are free where the ${full.of} are (${full.path}), a session needs ${min_free_disk_mb} (runner.min_free_disk_mb)`;
    return { code: 'DISK', why };
  }
  if (max_load !== undefined && cpu.load / cpu.cores > max_load) {
    const why = `the load of ${cpu.load} on ${cpu.cores} cores is above runner.max_load ${max_load}`;
    return { code: 'LOAD', why };
  }
  return null;
}

/** @param places directories that sessions write to, by what is kept there; they need not exist yet */
export function createMeasure(places: Readonly<Record<string, string>>): Measure {
  const usedPercent = cpuMeter();
  return async () => ({
    memory: memory(),
    cpu: { cores: availableParallelism(), load: loadavg()[0] ?? 0, usedPercent: usedPercent() },
    disks: await Promise.all(Object.entries(places).map(([of, path]) => disk(of, path))),
  });
}

async function disk(of: string, path: string): Promise<Measured['disks'][number]> {
  const { bavail, blocks, bsize, files, ffree } = await statfs(existing(path));
  // a file system without a free inode takes no file, however many bytes it has
  const free = files > 0 && ffree === 0 ? 0 : bavail;
  return { of, path, totalMb: Math.round((blocks * bsize) / MB), freeMb: Math.floor((free * bsize) / MB) };
}

const existing = (path: string): string =>
  existsSync(path) || dirname(path) === path ? path : existing(dirname(path));

/** What programs can still have, page cache included; of the container's share where there is one. */
function memory(): Measured['memory'] {
  const ofHost = { total: totalmem() / MB, free: availableKb() / 1024 };
  const ofGroup = groupMemory();
  return {
    totalMb: Math.round(Math.min(ofHost.total, ofGroup?.total ?? Number.POSITIVE_INFINITY)),
    freeMb: Math.floor(Math.max(0, Math.min(ofHost.free, ofGroup?.free ?? Number.POSITIVE_INFINITY))),
  };
}

function availableKb(): number {
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(readText('/proc/meminfo'))?.[1];
  return available === undefined ? freemem() / 1024 : Number(available);
}

/** Inside a container (cgroup v2) the limit of the group; the cache of its files can be taken back. */
function groupMemory(): { total: number; free: number } | undefined {
  const most = Number(readText('/sys/fs/cgroup/memory.max').trim() || Number.NaN);
  if (!Number.isFinite(most)) return undefined; // no such file, or "max"
  const used = Number(readText('/sys/fs/cgroup/memory.current'));
  const cache = Number(/^inactive_file (\d+)$/m.exec(readText('/sys/fs/cgroup/memory.stat'))?.[1] ?? 0);
  return { total: most / MB, free: (most - used + cache) / MB };
}

/** Share of all cores that was in use since the last call. */
function cpuMeter(): () => number {
  const read = () =>
    cpus().reduce(
      ({ busy, all }, { times }) => {
        const total = times.user + times.nice + times.sys + times.idle + times.irq;
        return { busy: busy + total - times.idle, all: all + total };
      },
      { busy: 0, all: 0 },
    );
  let last = read();
  let percent = 0;
  return () => {
    const now = read();
    // the kernel counts in hundredths of a second: shorter spans say nothing
    if (now.all - last.all < 1_000) return percent;
    percent = Math.round(((now.busy - last.busy) / (now.all - last.all)) * 100);
    last = now;
    return percent;
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // another system than Linux, or no container
  }
}

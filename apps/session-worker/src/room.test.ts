import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measured } from '@pco/shared/redis';
import { expect, test } from 'vitest';
import { createMeasure, judgeRoom } from './room.ts';

const measured = (over: Partial<Measured> = {}): Measured => ({
  memory: { totalMb: 8_000, freeMb: 4_000 },
  cpu: { cores: 4, load: 2, usedPercent: 50 },
  disks: [{ of: 'worktrees', path: '/w', totalMb: 9_000, freeMb: 600 }],
  ...over,
});
const limits = { min_free_memory_mb: 256, min_free_disk_mb: 512, max_load: undefined };

test.each([
  ['enough of everything', measured(), null],
  ['memory at the limit', measured({ memory: { totalMb: 8_000, freeMb: 256 } }), null],
  ['too little memory', measured({ memory: { totalMb: 8_000, freeMb: 255 } }), 'MEMORY'],
  [
    'one disk of several too full',
    measured({ disks: [...measured().disks, { of: 'data', path: '/d', totalMb: 9_000, freeMb: 511 }] }),
    'DISK',
  ],
  ['a load that nobody limits', measured({ cpu: { cores: 1, load: 90, usedPercent: 100 } }), null],
])('%s', (_what, host, code) => {
  expect(judgeRoom(host, limits)?.code ?? null).toBe(code);
});

test('load counts per core, and what is said names the setting', () => {
  const limited = { ...limits, max_load: 2 };
  expect(judgeRoom(measured({ cpu: { cores: 4, load: 8, usedPercent: 99 } }), limited)).toBeNull();
  const refusal = judgeRoom(measured({ cpu: { cores: 4, load: 8.5, usedPercent: 99 } }), limited);
  expect(refusal).toEqual({ code: 'LOAD', why: 'the load of 8.5 on 4 cores is above runner.max_load 2' });
  const disk = judgeRoom(measured({ disks: [{ of: 'worktrees', path: '/w', totalMb: 9, freeMb: 3 }] }), limits);
  expect(disk?.why).toContain('3 MB are free where the worktrees are (/w)');
  expect(disk?.why).toContain('runner.min_free_disk_mb');
});

test('this host is measured, also for a place that does not exist yet', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'pco-room-'));
  try {
    const { memory, cpu, disks } = await createMeasure({ worktrees: join(dir, 'not/yet'), data: dir })();
    expect(memory.freeMb).toBeGreaterThan(0);
    expect(memory.totalMb).toBeGreaterThanOrEqual(memory.freeMb);
    expect(cpu.cores).toBeGreaterThan(0);
    expect(cpu.usedPercent).toBeGreaterThanOrEqual(0);
    expect(cpu.usedPercent).toBeLessThanOrEqual(100);
    expect(disks.map(({ of }) => of)).toEqual(['worktrees', 'data']);
    for (const { totalMb, freeMb } of disks) expect(totalMb).toBeGreaterThanOrEqual(freeMb);
    expect(disks[0]?.totalMb).toBeGreaterThan(0);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

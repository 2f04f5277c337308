import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const WRITER = resolve(import.meta.dirname, 'testing/log-writer.ts');
/** Enough to be killed within, and never more than are kept. */
const MANY = 3_000;

const write = (file: string, run: number, count: number) =>
  spawn(process.execPath, [WRITER, file, String(run), String(count)], { stdio: ['ignore', 'ignore', 'inherit'] });

/** Every whole line, oldest first; what a killed writer has begun is none. */
function numbersOf(dir: string): Map<string, number[]> {
  const ageOf = (name: string) => Number(name.split('.')[2] ?? 0);
  const files = readdirSync(dir).sort((a, b) => ageOf(b) - ageOf(a));
  const numbers = new Map<string, number[]>();
  for (const line of files.flatMap((name) => readFileSync(join(dir, name), 'utf8').split('\n'))) {
    if (!line.endsWith('}')) continue;
    const { run, n } = JSON.parse(line);
    numbers.set(run, [...(numbers.get(run) ?? []), n]);
  }
  return numbers;
}

test('no line is lost or doubled by rotations, also when writers are killed between them', {
  timeout: 120_000,
}, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'pco-rotation-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'all.log');
  for (let run = 1; run <= 3; run++) {
    const before = readdirSync(dir).length;
    const writer = write(file, run, MANY);
    onTestFinished(() => void writer.kill('SIGKILL'));
    await expect.poll(() => readdirSync(dir).length, { timeout: 30_000, interval: 5 }).toBeGreaterThan(before + 3);
    writer.kill('SIGKILL');
    if (writer.exitCode === null && writer.signalCode === null) await once(writer, 'exit');
  }
  const last = write(file, 4, 1_000);
  expect(await once(last, 'exit')).toEqual([0, null]);
  const numbers = numbersOf(dir);
  expect([...numbers.keys()]).toEqual(['1', '2', '3', '4']);
  for (const [run, seen] of numbers) {
    expect(seen, `run ${run}`).toEqual(seen.map((_, at) => at));
    expect(seen.length, `run ${run}`).toBeGreaterThan(100);
  }
  expect(numbers.get('4')).toHaveLength(1_000);
});

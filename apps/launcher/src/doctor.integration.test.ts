import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

test('a doctor whose reader has gone looks to the end, and ends as it would have', async () => {
  await using stack = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'pco-doctor-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  await writeFile(join(dir, 'config.yaml'), 'no: such key\n');
  const doctor = spawn(process.execPath, [resolve(import.meta.dirname, 'doctor.ts')], {
    cwd: dir,
    env: { PATH: process.env.PATH ?? '', HOME: dir, PCO_CONFIG: join(dir, 'config.yaml') },
  });
  doctor.stdout.destroy(); // `npm run doctor | head` when head has its lines
  const complaints = text(doctor.stderr);
  const [code] = await once(doctor, 'exit');
  expect(await complaints).toBe('');
  expect(code, 'the configuration is wrong').toBe(1);
});

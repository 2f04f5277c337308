import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { eventually, launch, type Sandbox, sandbox } from './testing/fixture.ts';

const Health = z.object({
  ok: z.boolean(),
  reasons: z.array(z.object({ code: z.string(), why: z.string() })),
  config: z.object({ refused: z.string().nullable(), needs_restart: z.array(z.string()) }),
});

const save = (box: Sandbox, text: string) => writeFileSync(join(box.dir, 'config.yaml'), text);
const healthOf = async ({ call }: Awaited<ReturnType<typeof launch>>) =>
  Health.parse((await call('GET', '/health')).body);

test('a saved file counts at once where it may, and names what waits for a restart', async () => {
  await using box = await sandbox();
  save(box, 'plane: { api_token: not-for-us }\ntmux_session_service: { recording_mb: 0 }\nlogging: { level: info }\n');
  await using service = await launch(box);
  expect((await service.put('before')).session.recording).toBeNull();

  save(box, 'tmux_session_service: { recording_mb: 1, websocket_url: ws://elsewhere }\nlogging: { level: debug }\n');
  await eventually(async () => (await healthOf(service)).config.needs_restart).toEqual([
    'tmux_session_service.websocket_url',
  ]);
  expect((await service.put('after')).session.recording).toMatch(/^after~/);
  expect(service.stdout()).toContain('"changed":["tmux_session_service.recording_mb","logging.level"]');
  expect((await service.call('DELETE', '/sessions/after')).status).toBe(204);
  await eventually(service.stdout).toContain('"level":"debug"'); // its recording is put to rest
  expect(service.stdout()).not.toContain('not-for-us');
});

test('a file with faults is not used, which health and metrics say until it is mended', async () => {
  await using box = await sandbox();
  save(box, '');
  await using service = await launch(box);
  save(box, 'tmux_session_service:\n  recordng_days: 1\n');
  await eventually(async () => (await healthOf(service)).reasons).toEqual([
    { code: 'config-refused', why: expect.stringContaining('did you mean recording_days? (config.yaml:2)') },
  ]);
  expect((await healthOf(service)).ok).toBe(true); // it serves as before
  expect((await service.call('GET', '/metrics')).body).toContain('config_valid 0\n');
  save(box, '');
  await eventually(async () => (await healthOf(service)).reasons).toEqual([]);
});

test('SIGHUP reads the file again and ends nothing', async () => {
  await using box = await sandbox();
  save(box, '');
  await using service = await launch(box);
  process.kill(service.pid, 'SIGHUP');
  await eventually(async () => (await service.call('GET', '/metrics')).body).toMatch(/^config_reloads_total 1$/m);
  expect(service.exitCode()).toBeNull();
});

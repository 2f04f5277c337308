import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '@pco/shared/config';
import { expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { createTerminal } from '../terminal.ts';
import { bringBack } from './bring-back.ts';
import { backUp } from './make.ts';
import { openRedis } from './open-redis.ts';

const said: string[] = [];
const terminal = { ...createTerminal(process, true), say: (line: string) => void said.push(line) };

test('the private Redis of a stopped installation is started for a backup, and for a restore into an empty folder', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'pco-private-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'config.yaml');
  const plane = { api_url: 'http://127.0.0.1:1/api/v1', api_token: 'a-token-of-plane', workspace_slug: 'acme' };
  writeFileSync(file, stringify({ plane: { ...plane, project_ids: ['any'] }, logging: { file: '' } }));
  const config = readConfig({ env: {}, argv: ['--config', file], cwd: dir });
  const visit = async (set: boolean) => {
    await using redis = await openRedis(config, terminal);
    if (set) await redis.client.set(redis.keys.clock, 'of this installation');
    return await redis.client.get(redis.keys.clock);
  };
  await visit(true);
  const to = join(dir, 'backups');
  await backUp(config, file, { to, keepDays: 7, pauseMs: 20_000, withSecrets: true, withRecordings: true }, terminal);

  rmSync(config.data_dir, { recursive: true });
  const [archive = ''] = readdirSync(to);
  const options = { config: file, parts: ['redis', 'data', 'work', 'logs'] as const, replace: false };
  await bringBack(join(to, archive), options, terminal);
  expect(await visit(false)).toBe('of this installation');
  await expect(bringBack(join(to, archive), options, terminal)).rejects.toThrow('--replace removes them');
});

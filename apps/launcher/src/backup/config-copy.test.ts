import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { copyConfig, restoreConfig } from './config-copy.ts';

const TOKEN = 'plane_api_0123456789abcdef0123456789abcdef';
const CONFIG = `
# what people wrote beside it stays
plane:
  api_token: ${TOKEN}
  workspace_slug: acme
api: { token_file: api-token, tokens: { mei: { role: admin, hash: 52bd } } }
redis: { url: 'redis://:a-password@10.0.0.1/0' }
webhooks: { secrets: [a-secret-of-a-webhook] }
automation:
  prompt_template: prompt.md
  mcp_servers: { docs: { command: /usr/local/bin/docs, env: { KEY: of-some-program } } }
`;

function files() {
  const dir = mkdtempSync(join(tmpdir(), 'pco-config-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, 'config.yaml'), CONFIG);
  writeFileSync(join(dir, 'prompt.md'), 'Do {{.Title}}');
  writeFileSync(join(dir, 'api-token'), 'a-token-in-a-file');
  return { config: join(dir, 'config.yaml'), copy: join(dir, 'copy'), again: join(dir, 'again/config.yaml') };
}

test('a copy of the configuration holds no secret, names what is missing and keeps the rest', () => {
  const { config, copy } = files();
  const leftOut = copyConfig(config, copy, false);
  const text = readFileSync(join(copy, 'config.yaml'), 'utf8');
  for (const secret of [TOKEN, 'a-password', 'a-secret-of-a-webhook', 'of-some-program'])
    expect(text).not.toContain(secret);
  expect(text).toContain('# what people wrote beside it stays');
  expect(parse(text)).toMatchObject({ plane: { workspace_slug: 'acme' }, api: { tokens: { mei: { hash: '52bd' } } } });
  expect(existsSync(join(copy, 'files', 'api-token'))).toBe(false);
  expect(leftOut).toEqual([
    'plane.api_token',
    'redis.url',
    'webhooks.secrets',
    'mcp_servers … env',
    'token_file: api-token',
  ]);
});

test('with secrets it is the file as it is, and the files that it names; all of it comes back, over nothing that is there', () => {
  const { config, copy, again } = files();
  expect(copyConfig(config, copy, true)).toEqual([]);
  expect(restoreConfig(copy, again)).toHaveLength(3);
  expect(readFileSync(again, 'utf8')).toBe(CONFIG);
  expect(readFileSync(join(again, '../api-token'), 'utf8')).toBe('a-token-in-a-file');
  writeFileSync(again, 'mine: true');
  expect(restoreConfig(copy, again)).toEqual([]);
  expect(readFileSync(again, 'utf8')).toBe('mine: true');
});

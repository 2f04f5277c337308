import { expect, test } from 'vitest';
import { testConfig } from '../testing/index.ts';
import { checkWebhooks } from './webhooks.ts';

const secrets = ['plane_wh_0123456789abcdef'];
const elsewhere = { api_url: 'https://plane.example.com/api/v1' };

test('webhooks are no must, and fine when Plane can reach the api', () => {
  expect(checkWebhooks(testConfig())).toMatchObject({ level: 'ok', detail: expect.stringMatching(/no secret.*60 s/) });
  expect(checkWebhooks(testConfig({ webhooks: { secrets } }))).toMatchObject({ level: 'ok' });
  const api = { token: 'a-token-of-sixteen-or-more' };
  expect(checkWebhooks(testConfig({ webhooks: { secrets }, plane: elsewhere, api }))).toMatchObject({ level: 'ok' });
});

test('secrets without a way for Plane to reach the api are pointed out, and never shown', () => {
  const finding = checkWebhooks(testConfig({ webhooks: { secrets }, plane: elsewhere }));
  expect(finding).toMatchObject({ level: 'warn', mend: expect.stringMatching(/api\.token/) });
  expect(JSON.stringify(finding)).not.toContain(secrets[0]);
});

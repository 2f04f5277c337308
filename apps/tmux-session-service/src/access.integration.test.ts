import { request } from 'node:http';
import { expect, test } from 'vitest';
import { fixture } from './testing/fixture.ts';

const TOKEN = '0123456789abcdef';

/** fetch does not let us say another Host. */
const statusFor = (url: string, headers: Record<string, string>, method = 'GET'): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request(url, { headers, method }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });

test('with a token every route but the probes wants it', async () => {
  await using service = await fixture({ PCO_TMUX_SESSION_SERVICE_TOKEN: TOKEN });
  for (const path of ['/sessions', '/sessions/x/screen', '/metrics', '/nothing', `/sessions?token=${TOKEN}`])
    expect(await service.call('GET', path)).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } });
  for (const path of ['/health', '/health/', '/livez', '/readyz'])
    expect(await service.call('GET', path)).toMatchObject({ status: 200 });
  for (const given of ['Bearer wrong', `Basic ${TOKEN}`, TOKEN, `Bearer ${TOKEN}x`])
    expect(await service.call('GET', '/sessions', undefined, { authorization: given })).toMatchObject({ status: 401 });
  const authorization = `bearer ${TOKEN}`;
  expect(await service.call('GET', '/sessions', undefined, { authorization })).toMatchObject({ status: 200 });
});

test('without a token a web page cannot reach us, by whatever name', async () => {
  await using service = await fixture({ PCO_ALLOWED_ORIGINS: 'https://pco.example.com' });
  const url = `${service.url}/sessions`;
  const { host, port } = new URL(url);
  expect(await statusFor(url, { host: 'evil.example.com' })).toBe(403);
  expect(await statusFor(url, { host: `localhost.evil.example.com:${port}` })).toBe(403);
  expect(await statusFor(url, { host: `localhost:${port}` })).toBe(200);
  expect(await statusFor(url, { origin: 'https://evil.example.com' })).toBe(403);
  expect(await statusFor(url, { origin: 'null' })).toBe(403);
  expect(await statusFor(url, { origin: `http://${host}` })).toBe(200);
  expect(await statusFor(url, { origin: 'https://pco.example.com' })).toBe(200);
});

test('an allowed origin gets the headers that its browser asks for', async () => {
  const origin = 'https://pco.example.com';
  await using service = await fixture({ PCO_ALLOWED_ORIGINS: origin, PCO_TMUX_SESSION_SERVICE_TOKEN: TOKEN });
  expect(await statusFor(`${service.url}/sessions/x`, { origin }, 'OPTIONS')).toBe(204);
  expect(await statusFor(`${service.url}/sessions/x`, { origin: 'https://evil.example.com' }, 'OPTIONS')).toBe(401);
  const { headers } = await service.call('GET', '/livez', undefined, { origin });
  expect(headers.get('access-control-allow-origin')).toBe(origin);
});

import { gunzipSync } from 'node:zlib';
import { trigger } from '@pco/shared/testing';
import { request } from 'undici';
import { expect, test } from 'vitest';
import { apiFixture } from '../testing/api-fixture.ts';

const ORIGIN = 'https://dash.example';

test('lists come compressed to whoever takes gzip, and say that this is why they differ', async () => {
  await using api = await apiFixture({ cors_origins: [ORIGIN] });
  const asked = async (path: string, headers: Record<string, string>) => {
    const answer = await request(`${api.url}${path}`, { headers });
    const body = Buffer.from(await answer.body.arrayBuffer());
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-length']).toBe(String(body.length));
    return { body, encoding: answer.headers['content-encoding'], vary: String(answer.headers.vary).toLowerCase() };
  };
  const lists = ['/api/tickets', '/api/pending-tickets', '/api/inbox', '/api/export'];
  for (const path of ['/api/tickets', '/api/active-sessions']) {
    const { encoding } = await asked(path, { 'accept-encoding': 'gzip' });
    expect(encoding, `${path}, which is nearly empty`).toBeUndefined();
  }
  for (let number = 1; number <= 10; number += 1)
    await api.core.change({ ...trigger({ workItem: { title: `Größe ${number}` } }), ticketId: `ACME-${number}` });
  for (const path of lists) {
    const plain = await asked(path, { origin: ORIGIN });
    expect(plain, path).toMatchObject({ encoding: undefined, vary: 'origin, accept-encoding' });
    for (const accepted of ['gzip', 'br, gzip;q=0.5, *;q=0.1']) {
      const small = await asked(path, { origin: ORIGIN, 'accept-encoding': accepted });
      expect(small, path).toMatchObject({ encoding: 'gzip', vary: 'origin, accept-encoding' });
      expect(small.body.length).toBeLessThan(plain.body.length / 3);
      expect(gunzipSync(small.body).equals(plain.body), path).toBe(true);
    }
    for (const refused of ['gzip;q=0', 'identity', 'br'])
      expect((await asked(path, { 'accept-encoding': refused })).encoding, `${path} with ${refused}`).toBeUndefined();
  }
  // what has changed since is compressed anew
  await api.core.change({ ...trigger({ workItem: { title: 'One more' } }), ticketId: 'ACME-11' });
  const after = await asked('/api/tickets', { 'accept-encoding': 'gzip' });
  expect(gunzipSync(after.body).toString()).toContain('One more');
});

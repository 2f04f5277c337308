import { createTokenStore } from '@pco/shared/redis';
import { eventually } from '@pco/shared/testing';
import { expect, onTestFinished, test } from 'vitest';
import { type ApiFixture, apiFixture } from '../testing/api-fixture.ts';
import { createCallers, type Showing } from './callers.ts';
import { createStays } from './stays.ts';

const ADMIN = 'a-token-of-sixteen-or-more';
const asAdmin = { authorization: `Bearer ${ADMIN}` };

/** Somebody who listens to the events. */
async function listen(api: ApiFixture, headers: Record<string, string>) {
  const gone = new AbortController();
  onTestFinished(() => gone.abort());
  const answer = await fetch(`${api.url}/api/events`, { headers, signal: gone.signal });
  expect(answer.status).toBe(200);
  const listener = { text: '', isOver: false };
  const decoder = new TextDecoder();
  void (async () => {
    for await (const chunk of answer.body ?? []) listener.text += decoder.decode(chunk);
  })()
    .catch(() => undefined)
    .finally(() => {
      listener.isOver = true;
    });
  await eventually(() => listener.text).toContain('event: hello');
  return listener;
}

const made = async (api: ApiFixture, name: string) =>
  (await api.call('POST', '/api/tokens', { headers: asAdmin, body: { name, role: 'viewer' } })).json as {
    id: string;
    token: string;
  }; // held to its declaration

test('who listens with a token that is revoked, or a login that is ended, is sent away; others hear on', {
  timeout: 60_000,
}, async () => {
  await using api = await apiFixture({ token: ADMIN });
  const { id, token } = await made(api, 'bob');
  const login = await api.call('POST', '/api/login', { body: { token: (await made(api, 'carol')).token } });
  const [cookie = ''] = [login.headers['set-cookie'] ?? ''].flat().map((set) => set.split(';', 1)[0] ?? '');
  const bob = await listen(api, { authorization: `Bearer ${token}` });
  const carol = await listen(api, { cookie });
  const admin = await listen(api, asAdmin);

  expect((await api.call('DELETE', `/api/tokens/${id}`, { headers: asAdmin })).status).toBe(200);
  await eventually(() => bob.isOver).toBe(true);
  expect(carol.isOver).toBe(false);

  const headers = { cookie, 'sec-fetch-site': 'same-origin', origin: api.url };
  expect((await api.call('POST', '/api/logout', { headers })).status).toBe(200);
  await eventually(() => carol.isOver).toBe(true);
  await api.bring('ACME-1', 'pending');
  await eventually(() => admin.text).toContain('"ticket_id":"ACME-1"');
});

test('however many connections came in by one token, it is looked at once a turn, and all of them end with it', async () => {
  await using api = await apiFixture({ token: ADMIN });
  const tokens = createTokenStore(api.core.redis);
  const shown = async (name: string) => {
    const { id, token } = await tokens.create({ name, role: 'viewer', createdBy: 'test', expiresAt: null });
    return { id, right: { headers: { authorization: `Bearer ${token}` }, caller: null } };
  };
  const [many, one] = [await shown('many'), await shown('one')];
  const callers = createCallers(api.config, api.core.redis);
  const looks = { many: 0, one: 0 };
  const identify = (showing: Showing) => {
    looks[showing.headers.authorization === many.right.headers.authorization ? 'many' : 'one'] += 1;
    return callers.identify(showing);
  };
  using stays = createStays({ bySource: callers.bySource, identify }, 20);
  const ended: string[] = [];
  for (let n = 0; n < 20; n += 1) stays.keep({ ...many.right }, 'viewer', () => ended.push('many'));
  stays.keep({ ...many.right }, 'operator', () => ended.push('beyond its role'));
  stays.keep(one.right, 'viewer', () => ended.push('one'));

  await eventually(() => looks.one).toBeGreaterThan(3);
  expect(looks.many).toBeLessThanOrEqual(looks.one + 1);
  expect(ended).toEqual(['beyond its role']);
  await tokens.remove(many.id);
  await eventually(() => ended.length).toBe(21);
  expect(ended).not.toContain('one');
  const looked = looks.many;
  const before = looks.one;
  await eventually(() => looks.one).toBeGreaterThan(before + 3);
  expect(looks.many).toBeLessThanOrEqual(looked + 1);
});

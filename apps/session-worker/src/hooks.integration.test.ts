import { createHttp } from '@pco/shared/service';
import { silentLog } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { addHookRoute } from './hooks.ts';
import { whatIsSeen } from './observe.ts';
import { hostFixture } from './testing/host-fixture.ts';

/** The route with a session, asked without a network. */
async function hooks() {
  const f = await hostFixture();
  await f.activeTicket('ACME-1');
  const told: string[] = [];
  const app = createHttp({ log: silentLog });
  addHookRoute(app, f.host, (id) => told.push(id));
  const token = await f.host.files('claude-ACME-1').token();
  const post = (id: string, payload: unknown, authorization = `Bearer ${token}`) =>
    app.inject({ method: 'POST', url: `/hooks/${id}`, payload: payload as object, headers: { authorization } }); // any JSON
  return {
    ...f,
    told,
    token,
    post,
    async [Symbol.asyncDispose]() {
      await app.close();
      await f[Symbol.asyncDispose]();
    },
  };
}

test('a hook with the token of its session is told on', async () => {
  await using h = await hooks();
  const answer = await h.post('claude-ACME-1', { hook_event_name: 'Stop', extra: { of: 'a newer version' } });
  expect([answer.statusCode, answer.json()]).toEqual([200, {}]);
  expect(h.told).toEqual(['claude-ACME-1']);
  expect(whatIsSeen(h.host, 'claude-ACME-1')?.state).toBe('turn_over');
});

test('a hook that says nothing of the agent is answered and changes nothing', async () => {
  await using h = await hooks();
  expect((await h.post('claude-ACME-1', { hook_event_name: 'SessionEnd' })).statusCode).toBe(200);
  expect(whatIsSeen(h.host, 'claude-ACME-1')).toBeUndefined();
});

test('without the token of that very session a hook is refused', async () => {
  await using h = await hooks();
  const stop = { hook_event_name: 'Stop' };
  for (const authorization of ['', 'Bearer', `Bearer ${h.token}x`, h.token, `bearer ${h.token}`])
    expect((await h.post('claude-ACME-1', stop, authorization)).statusCode).toBe(401);
  expect((await h.post('claude-ACME-99', stop)).statusCode).toBe(401);
  expect(h.told).toEqual([]);
  expect(h.host.files('claude-ACME-99').hasStarted()).toBe(false);
});

test('an address or a body that is none is a fault of the caller', async () => {
  await using h = await hooks();
  for (const id of ['..%2f..%2fetc', 'a%20b', 'x'.repeat(90)])
    expect((await h.post(id, { hook_event_name: 'Stop' })).statusCode, id).toBe(422);
  for (const payload of [{}, [], { hook_event_name: 5 }])
    expect((await h.post('claude-ACME-1', payload)).statusCode).toBe(422);
});

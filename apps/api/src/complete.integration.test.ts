import { createHash } from 'node:crypto';
import { RUNNER } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { type ApiFixture, apiFixture, finish } from './testing/api-fixture.ts';

const ID = 'ACME-16';
const TOKEN = 'the-token-of-the-session';
const complete = `/api/tickets/${ID}/complete`;

async function sessionWithToken(api: ApiFixture): Promise<void> {
  await api.bring(ID, 'approved');
  const effectId = await api.core.openId('session.assign', ID);
  const tokenHash = createHash('sha256').update(TOKEN).digest('hex');
  await api.core.change({ type: 'slot.claimed', ticketId: ID, effectId, runner: RUNNER, capacity: 9, tokenHash });
  await finish(api.core, ID, 'session.start');
}

test('a session completes its ticket with its own token', async () => {
  await using api = await apiFixture();
  await sessionWithToken(api);
  const headers = { authorization: `Bearer ${TOKEN}` };
  const body = { summary: 'Done: "quotes", $(date), 語\u0007\nline two' };
  expect(await api.call('POST', complete, { headers, body })).toMatchObject({
    status: 200,
    json: { status: 'completed', ticket_id: ID },
  });
  expect(await api.core.ticket(ID)).toMatchObject({
    status: 'completed',
    summary: 'Done: "quotes", $(date), 語\nline two',
  });
  expect(await api.call('POST', complete, { headers, body })).toMatchObject({
    status: 409,
    json: { code: 'TICKET_BUSY' },
  });
});

test.each([
  ['another one', { authorization: 'Bearer something-else' }],
  ['an empty one', { authorization: 'Bearer ' }],
  ['the hash of it', { authorization: `Bearer ${createHash('sha256').update(TOKEN).digest('hex')}` }],
  ['one with more behind it', { authorization: `Bearer ${TOKEN} x` }],
  ['one of another scheme', { authorization: `Basic ${TOKEN}` }],
])('a completion with %s as token is refused', async (_what, headers) => {
  await using api = await apiFixture();
  await sessionWithToken(api);
  expect(await api.call('POST', complete, { headers, body: { summary: 'x' } })).toMatchObject({
    status: 401,
    json: { code: 'UNAUTHORIZED' },
  });
  expect((await api.core.ticket(ID)).status).toBe('active');
});

test('a completion of an unknown ticket looks like one with a wrong token, and a blank summary is refused', async () => {
  await using api = await apiFixture();
  await sessionWithToken(api);
  const headers = { authorization: `Bearer ${TOKEN}` };
  const unknown = await api.call('POST', '/api/tickets/ACME-99/complete', { headers, body: { summary: 'x' } });
  expect(unknown.status).toBe(401);
  expect((await api.call('POST', complete, { headers, body: { summary: ' \n' } })).status).toBe(422);
});

test('where callers need a token, a completion without any is refused, and an operator may complete', async () => {
  const token = 'a-token-of-sixteen-or-more';
  await using api = await apiFixture({ token });
  await sessionWithToken(api);
  const body = { summary: 'It is done' };
  expect((await api.call('POST', complete, { body })).status).toBe(401);
  const headers = { authorization: `Bearer ${token}` };
  expect((await api.call('POST', complete, { headers, body })).status).toBe(200);
  expect((await api.core.ticket(ID)).status).toBe('completed');
});

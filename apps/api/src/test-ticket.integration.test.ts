import { PROJECT_ID } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { apiFixture } from './testing/api-fixture.ts';

const testTicket = (over: Record<string, unknown> = {}) => ({
  id: 'CSLOG-TEST',
  uuid: 'test-uuid-1',
  project_id: PROJECT_ID,
  title: 'By hand',
  description: '<p>Try it</p>',
  created_at: '2025-01-01T00:00:00Z',
  ...over,
});
const addTicket = '/api/test/add-ticket';

test('a ticket made by hand is pending and answered as it was given', async () => {
  await using api = await apiFixture();
  const given = testTicket();
  expect(await api.post(addTicket, given)).toMatchObject({
    status: 200,
    json: { ...given, trigger_type: 'manual_test' },
  });
  expect((await api.get('/api/pending-tickets')).json).toEqual([
    expect.objectContaining({ id: 'CSLOG-TEST', trigger_type: 'manual_test', created_at: '2025-01-01T00:00:00.000Z' }),
  ]);
});

test('a description that is null breaks no list', async () => {
  await using api = await apiFixture();
  expect((await api.post(addTicket, testTicket({ description: null }))).status).toBe(200);
  expect((await api.get('/api/pending-tickets')).json).toEqual([expect.objectContaining({ description: '' })]);
});

test('a key that is on its way is 409 in any state, and so is a work item of another ticket', async () => {
  await using api = await apiFixture();
  await api.post(addTicket, testTicket());
  expect(await api.post(addTicket, testTicket({ uuid: 'other' }))).toMatchObject({
    status: 409,
    json: { code: 'TICKET_EXISTS' },
  });
  expect((await api.post(addTicket, testTicket({ id: 'CSLOG-2' }))).status).toBe(409);
  await api.post('/api/approve/CSLOG-TEST?wait=0');
  expect((await api.post(addTicket, testTicket({ uuid: 'other' }))).status).toBe(409);
  expect((await api.core.ticket('CSLOG-TEST')).status).toBe('approved');
});

test('two at the same instant make one ticket', async () => {
  await using api = await apiFixture();
  const answers = await Promise.all(['a', 'b', 'c'].map((uuid) => api.post(addTicket, testTicket({ uuid }))));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
});

test.each([
  ['id', 'CSLOG-1; rm -rf /'],
  ['id', 'cslog-1'],
  ['uuid', '../../x'],
  ['uuid', ''],
  ['title', 'x'.repeat(256)],
  ['project_id', ''],
  ['created_at', 'yesterday'],
  ['trigger_type', 'because'],
  ['surprise', 1],
])('a ticket made by hand with %s = %j is refused', async (key, value) => {
  await using api = await apiFixture();
  expect((await api.post(addTicket, testTicket({ [key]: value }))).status).toBe(422);
  for (const required of ['id', 'uuid', 'project_id', 'title', 'description', 'created_at'])
    expect((await api.post(addTicket, testTicket({ [required]: undefined }))).status, required).toBe(422);
});

test('the endpoint is switched off unless it is asked for', async () => {
  await using api = await apiFixture({ test_endpoint: false });
  expect(await api.post(addTicket, testTicket())).toMatchObject({ status: 404, json: { code: 'ROUTE_DISABLED' } });
});

test('one request id may come with several tickets', async () => {
  await using api = await apiFixture();
  const headers = { 'x-request-id': 'one-click-in-a-browser' };
  for (const [id, uuid] of [
    ['CSLOG-1', 'u-1'],
    ['CSLOG-2', 'u-2'],
  ])
    expect((await api.call('POST', addTicket, { headers, body: testTicket({ id, uuid }) })).status).toBe(200);
  expect((await api.core.ticket('CSLOG-2')).status).toBe('pending');
});

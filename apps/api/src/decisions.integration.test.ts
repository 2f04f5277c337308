import { dump, eventually } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { apiFixture, claim, fail, finish, start, write } from './testing/api-fixture.ts';

const ID = 'ACME-16';
const approve = `/api/approve/${ID}`;
const update = `/api/update-plane/${ID}`;

// --- approve -----------------------------------------------------------------------------------------------------

test('an approval answers with the session once it runs', async () => {
  await using api = await apiFixture();
  await api.bring(ID, 'pending');
  const [answer] = await Promise.all([api.post(approve), start(api.core, ID)]);
  expect(answer).toMatchObject({
    status: 200,
    json: { session_id: 'claude-ACME-16', ticket_id: ID, created_at: expect.stringMatching(/Z$/) },
  });
});

test('an approval that shall not wait is answered at once', async () => {
  await using api = await apiFixture();
  await api.bring(ID, 'pending');
  expect(await api.post(`${approve}?wait=0`)).toMatchObject({
    status: 202,
    json: { status: 'queued', session_id: 'claude-ACME-16', ticket_id: ID, see: `/api/tickets/${ID}` },
  });
  expect((await api.core.ticket(ID)).status).toBe('approved');
});

test('approving again, one after the other or all at once, has one session and one answer', async () => {
  await using api = await apiFixture();
  await api.bring(ID, 'pending');
  const many = Promise.all(Array.from({ length: 20 }, () => api.post(approve)));
  await start(api.core, ID);
  const answers = [...(await many), await api.post(approve)];
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect((await api.core.ticket(ID)).sessionSeq).toBe(1);
});

test('a session that could not be started is 500 with the cause, and can be approved again', async () => {
  await using api = await apiFixture();
  await api.bring(ID, 'pending');
  const failing = async () => {
    await claim(api.core, ID);
    await fail(api.core, ID, 'session.start', 'REPOSITORY_MISSING', 'no repository at /srv/x');
  };
  const [answer] = await Promise.all([api.post(approve), failing()]);
  expect(answer).toMatchObject({ status: 500, json: { detail: 'no repository at /srv/x', code: 'START_FAILED' } });
  expect(await api.post(`${approve}?wait=0`)).toMatchObject({ status: 202 });
});

test.each(['done', 'cancelled'] as const)('a ticket that is %s is not approved', async (status) => {
  await using api = await apiFixture();
  await api.bring(ID, status);
  expect(await api.post(approve)).toMatchObject({ status: 404, json: { code: 'TICKET_NOT_FOUND' } });
});

test('an unknown ticket is not approved', async () => {
  await using api = await apiFixture();
  expect(await api.post(approve)).toMatchObject({
    status: 404,
    json: { detail: expect.stringContaining('no such ticket') },
  });
});

test('a ticket that is cancelled while its approval waits answers that it is gone', async () => {
  await using api = await apiFixture();
  await api.bring(ID, 'pending');
  const cancelling = async () => {
    await eventually(async () => (await api.core.ticket(ID)).status).toBe('approved');
    expect((await api.call('DELETE', `/api/tickets/${ID}`)).status).toBe(200);
  };
  const [answer] = await Promise.all([api.post(approve), cancelling()]);
  expect(answer).toMatchObject({ status: 410, json: { code: 'CANCELLED' } });
});

test('a session that is stopped while its approval waits is no fault of the server', async () => {
  await using api = await apiFixture();
  await api.bring(ID, 'pending');
  const stopping = async () => {
    await claim(api.core, ID);
    expect((await api.post(`/api/tickets/${ID}/stop`)).status).toBe(200);
  };
  const [answer] = await Promise.all([api.post(approve), stopping()]);
  expect(answer).toMatchObject({
    status: 410,
    json: { code: 'STOPPED', detail: expect.stringContaining('stopped by') },
  });
});

test('approve takes no body, and no nonsense for a wait', async () => {
  await using api = await apiFixture();
  await api.bring(ID, 'pending');
  expect((await api.post(approve, { by: 'me' })).status).toBe(422);
  for (const wait of ['-1', '31', 'x', '1&wait=2', '&sudo=1'])
    expect((await api.post(`${approve}?wait=${wait}`)).status, wait).toBe(422);
  expect((await api.core.ticket(ID)).status).toBe('pending');
});

// --- update-plane --------------------------------------------------------------------------------------------------

test('an update answers when comment and state are written, with the summary of the person', async () => {
  await using api = await apiFixture();
  await api.bring(ID, 'completed');
  const [answer] = await Promise.all([
    api.post(update, { summary: ' Half cents are rounded. \r\n' }),
    write(api.core, ID),
  ]);
  expect(answer).toMatchObject({
    status: 200,
    json: { status: 'updated', ticket_id: ID, comment_posted: true, state_updated: true },
  });
  expect((await api.core.ticket(ID)).summary).toBe('Half cents are rounded.');
});

test('a state that could not be set is a warning', async () => {
  await using api = await apiFixture();
  await api.bring(ID, 'completed');
  const writing = async () => {
    await finish(api.core, ID, 'plane.comment', { commentId: 'comment-1' });
    await fail(api.core, ID, 'plane.state', 'PLANE_STATE_UNKNOWN', 'no state "Review"');
  };
  const [answer] = await Promise.all([api.post(update, { summary: 'x' }), writing()]);
  expect(answer).toMatchObject({
    status: 200,
    json: {
      status: 'updated',
      comment_posted: true,
      state_updated: false,
      warning: expect.stringContaining('no state'),
    },
  });
});

test('a comment that failed is 500 with the cause, keeps the ticket, and can be tried again', async () => {
  await using api = await apiFixture();
  await api.bring(ID, 'completed');
  const [answer] = await Promise.all([api.post(update, { summary: 'x' }), fail(api.core, ID, 'plane.comment')]);
  expect(answer).toMatchObject({ status: 500, json: { detail: expect.stringContaining('status 403') } });
  expect((await api.get('/api/completed-tickets')).json).toEqual([expect.objectContaining({ id: ID })]);
  const [again] = await Promise.all([api.post(update, { summary: 'better' }), write(api.core, ID)]);
  expect(again).toMatchObject({ status: 200, json: { comment_posted: true } });
});

test('a work item that is gone is 410', async () => {
  await using api = await apiFixture();
  await api.bring(ID, 'completed');
  const gone = fail(api.core, ID, 'plane.comment', 'WORK_ITEM_GONE', 'deleted in Plane');
  const [answer] = await Promise.all([api.post(update, { summary: 'x' }), gone]);
  expect(answer).toMatchObject({ status: 410, json: { code: 'WORK_ITEM_GONE' } });
});

test('an update that shall not wait is answered at once', async () => {
  await using api = await apiFixture();
  await api.bring(ID, 'completed');
  expect(await api.post(`${update}?wait=0`, { summary: 'x' })).toMatchObject({
    status: 202,
    json: { status: 'queued', comment_posted: false, state_updated: false },
  });
});

test.each([
  ['none', undefined],
  ['an empty one', {}],
  ['a blank one', { summary: ' \n\t\u0000' }],
  ['one that is no text', { summary: 5 }],
  ['one that is too long', { summary: 'x'.repeat(16_001) }],
  ['another field', { summary: 'x', state: 'Done' }],
])('a summary is needed: %s is refused', async (_what, body) => {
  await using api = await apiFixture();
  await api.bring(ID, 'completed');
  expect(await api.post(update, body)).toMatchObject({
    status: 422,
    json: { detail: [expect.objectContaining({ loc: expect.arrayContaining(['body']), msg: expect.any(String) })] },
  });
  expect((await api.core.ticket(ID)).status).toBe('completed');
});

test('a ticket that is not completed is not written back', async () => {
  await using api = await apiFixture();
  await api.bring(ID, 'active');
  expect((await api.post(update, { summary: 'x' })).status).toBe(404);
  expect((await api.post('/api/update-plane/ACME-99', { summary: 'x' })).status).toBe(404);
});

// --- delete, retry, reject ---------------------------------------------------------------------------------------

test.each(['pending', 'approved', 'active', 'completed', 'failed'] as const)(
  'a ticket that is %s can be deleted, once and again',
  async (status) => {
    await using api = await apiFixture();
    await api.bring(ID, status);
    for (let times = 0; times < 2; times += 1)
      expect(await api.call('DELETE', `/api/tickets/${ID}`)).toMatchObject({
        status: 200,
        json: { status: 'deleted', ticket_id: ID },
      });
    expect((await api.core.ticket(ID)).status).toBe('cancelled');
  },
);

test('what is finished or unknown is not deleted', async () => {
  await using api = await apiFixture();
  await api.bring(ID, 'done');
  expect((await api.call('DELETE', `/api/tickets/${ID}`)).status).toBe(404);
  expect((await api.call('DELETE', '/api/tickets/ACME-99')).status).toBe(404);
});

test('what failed is tried again; what did not fail stays as it is', async () => {
  await using api = await apiFixture();
  await api.bring(ID, 'failed');
  await api.bring('ACME-17', 'active');
  const retry = (id: string) => api.post(`/api/tickets/${id}/retry`);
  expect(await retry(ID)).toMatchObject({ status: 200, json: { status: 'retried', ticket_id: ID } });
  expect(await api.core.ticket(ID)).toMatchObject({ status: 'approved', attempt: 2 });
  expect(await retry('ACME-17')).toMatchObject({ status: 200, json: { status: 'unchanged' } });
  expect((await retry('ACME-99')).status).toBe(404);
});

test('a summary that is not good enough goes back to the agent with what is missing', async () => {
  await using api = await apiFixture();
  await api.bring(ID, 'completed');
  const reject = (body: unknown) => api.post(`/api/tickets/${ID}/reject`, body);
  expect((await reject({ text: ' ' })).status).toBe(422);
  expect(await reject({ text: 'Add a test' })).toMatchObject({ status: 200, json: { status: 'rejected' } });
  expect(await api.core.ticket(ID)).toMatchObject({ status: 'active', feedback: 'Add a test' });
  expect((await reject({ text: 'Add a test' })).status).toBe(404);
});

// --- talking -----------------------------------------------------------------------------------------------------

test('what a person sends to a working agent waits to be typed, and is refused where none works', async () => {
  await using api = await apiFixture();
  await api.bring(ID, 'active');
  const tell = (verb: string, body?: unknown) => api.post(`/api/tickets/${ID}/${verb}`, body);
  for (const body of [{}, { text: ' ' }, { text: 'x'.repeat(4_001) }, { text: 'x', more: 1 }])
    expect((await tell('send', body)).status).toBe(422);
  expect(await tell('send', { text: 'Use the other library' })).toMatchObject({
    status: 200,
    json: { status: 'sending', ticket_id: ID },
  });
  expect(await api.core.ticket(ID)).toMatchObject({ status: 'active', message: 'Use the other library' });
  expect(await tell('send', { text: 'And another' })).toMatchObject({ status: 409, json: { code: 'TICKET_BUSY' } });
  expect((await tell('answer', { answer: 'perhaps' })).status).toBe(422);
  expect((await tell('answer', { answer: '1' })).status, 'nothing is asked').toBe(409);
  expect((await tell('interrupt')).status).toBe(200);
  expect(await tell('stop')).toMatchObject({ status: 200, json: { status: 'stopping' } });
  expect((await api.core.ticket(ID)).reason?.code).toBe('STOPPED');
  for (const verb of ['interrupt', 'stop']) expect((await tell(verb)).status).toBe(409);
  expect((await tell('retry', { resume: 'yes' })).status).toBe(422);
  expect((await tell('retry', { resume: true })).status).toBe(200);
  expect((await api.core.ticket(ID)).resume).toBe(true);
});

// --- for all of them -----------------------------------------------------------------------------------------------

test('a hostile ticket id gets nowhere', async () => {
  await using api = await apiFixture();
  await api.bring('ACME-1', 'pending');
  const { client, keys } = api.core.redis;
  // its job was sent: nothing of ours changes any more until a sweep looks after it in a minute
  const nextLook = async () => Number((await client.zrange(keys.outbox, '0', '0', 'WITHSCORES'))[1]) - Date.now();
  await eventually(nextLook).toBeGreaterThan(50_000);
  const before = await dump(api.core.redis);
  const ids = [
    ...['..%2f..%2fetc%2fpasswd', '%2e%2e', 'ACME-1;id', 'ACME-1%0a', 'ACME-1%00', 'acme-1', 'ÄCME-1', 'ACME-１'],
    ...[
      'ACME',
      'ACME-',
      '-1',
      '{pco}',
      '*',
      '%3Cb%3E',
      "ACME-1'",
      'ACME-1%20',
      `${'A'.repeat(300)}-1`,
      `ACME-${'1'.repeat(300)}`,
    ],
  ];
  for (const id of ids) {
    const answers = await Promise.all([
      api.get(`/api/tickets/${id}`),
      api.call('DELETE', `/api/tickets/${id}`),
      api.post(`/api/approve/${id}`),
      api.post(`/api/update-plane/${id}`, { summary: 'x' }),
      api.post(`/api/tickets/${id}/retry`),
      api.post(`/api/tickets/${id}/reject`, { text: 'x' }),
      api.post(`/api/tickets/${id}/complete`, { summary: 'x' }),
    ]);
    for (const { status } of answers) expect([404, 414, 422], `${id}: ${status}`).toContain(status);
  }
  expect(await dump(api.core.redis)).toEqual(before);
});

test('a request id that is used for two requests counts for each of them', async () => {
  await using api = await apiFixture();
  await api.bring('ACME-1', 'pending');
  await api.bring('ACME-2', 'pending');
  const headers = { 'x-request-id': 'one-click-in-a-browser' };
  for (const id of ['ACME-1', 'ACME-2'])
    expect((await api.call('DELETE', `/api/tickets/${id}`, { headers })).status).toBe(200);
  expect((await api.core.ticket('ACME-2')).status).toBe('cancelled');
});

test('the same request sent again under its id is answered like the first time', async () => {
  await using api = await apiFixture();
  await api.bring(ID, 'completed');
  const headers = { 'x-request-id': 'a-click-whose-answer-was-lost' };
  const reject = () => api.call('POST', `/api/tickets/${ID}/reject`, { headers, body: { text: 'Add a test' } });
  expect((await reject()).status).toBe(200);
  expect((await reject()).status).toBe(200);
  expect((await api.core.ticket(ID)).counters.rejections).toBe(1);
});

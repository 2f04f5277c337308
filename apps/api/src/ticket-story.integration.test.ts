import { TicketDetail, type TicketStory } from '@pco/shared/contracts/http';
import { expect, test } from 'vitest';
import { type ApiFixture, apiFixture, fail, finish, start } from './testing/api-fixture.ts';

const ID = 'ACME-1';
const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);

const story = async (api: ApiFixture): Promise<TicketStory> =>
  TicketDetail.parse((await api.get(`/api/tickets/${ID}`)).json);
const complete = (api: ApiFixture, summary: string, sessionId: string) =>
  api.core.change({ type: 'completion.signalled', ticketId: ID, sessionId, summary, channel: 'file' });

test('a ticket tells its attempts, sessions and write-backs, with who, when and how they ended', async () => {
  await using api = await apiFixture();
  await api.bring(ID, 'active');
  await complete(api, 'First try', `claude-${ID}`);
  await api.core.change({ type: 'person.rejected', ticketId: ID, by: 'bob', text: 'Tests are missing' });
  await finish(api.core, ID, 'session.send');
  await api.core.change({ type: 'session.ended', ticketId: ID, sessionId: `claude-${ID}`, exitCode: 1 });
  await api.core.change({ type: 'person.retried', ticketId: ID, by: 'carol' });
  await start(api.core, ID);
  await complete(api, 'Second try', `claude-${ID}-2`);
  await api.core.change({ type: 'person.update_approved', ticketId: ID, by: 'carol' });
  await fail(api.core, ID, 'plane.comment', 'PLANE_REFUSED', 'status 403');
  await api.core.change({ type: 'person.retried', ticketId: ID, by: 'carol' });

  const half = await story(api);
  expect(half.write_backs).toMatchObject([
    { effect: 'plane.comment', status: 'failed', at: ISO, error_code: 'PLANE_REFUSED', error: 'status 403' },
    { effect: 'plane.comment', status: 'under_way', since: ISO, at: null },
    { effect: 'plane.state', status: 'waiting', since: null, at: null },
  ]);
  await finish(api.core, ID, 'plane.comment', { commentId: 'comment-1' });
  await finish(api.core, ID, 'plane.state', { stateId: 'state-1' });

  const { attempts, sessions, write_backs } = await story(api);
  expect(attempts).toMatchObject([
    {
      round: 1,
      number: 1,
      begun_by: 'somebody',
      because: 'approved',
      outcome: 'completed',
      sessions: [`claude-${ID}`],
    },
    { number: 1, begun_by: 'bob', because: 'rejected', outcome: 'failed', reason: { code: 'NO_SUMMARY' } },
    { number: 2, begun_by: 'carol', because: 'retried', outcome: 'completed', sessions: [`claude-${ID}-2`] },
  ]);
  expect(attempts.every(({ begun_at, ended_at }) => ended_at !== null && begun_at <= ended_at)).toBe(true);
  expect(sessions).toMatchObject([
    { id: `claude-${ID}`, runner: 'runner-1', started_at: ISO, completed_at: ISO, ended_at: ISO, exit_code: 1 },
    { id: `claude-${ID}-2`, branch: `pco/${ID}`, completed_at: ISO, ended_at: null, exit_code: null },
  ]);
  expect(write_backs).toMatchObject([
    { effect: 'plane.comment', status: 'failed' },
    { effect: 'plane.comment', status: 'done', comment_id: 'comment-1', error: null },
    { effect: 'plane.state', status: 'done', state_id: 'state-1' },
  ]);
});

test('an attempt that lasts has no end, and a ticket without one has an empty story', async () => {
  await using api = await apiFixture();
  await api.bring(ID, 'pending');
  expect(await story(api)).toMatchObject({ attempts: [], sessions: [], write_backs: [] });
  await api.post(`/api/approve/${ID}?wait=0`);
  await start(api.core, ID);
  expect((await story(api)).attempts).toMatchObject([
    { begun_by: 'local', ended_at: null, outcome: null, reason: null },
  ]);
});

test('what an older release noted has a story too', async () => {
  await using api = await apiFixture();
  await api.bring(ID, 'active');
  const { client, keys } = api.core.redis;
  const old = await client.xrange(keys.log(ID), '-', '+');
  await client.del(keys.log(ID));
  for (const [, fields] of old) {
    const { attempt: _, stage: __, effect: ___, ...event } = JSON.parse(fields[fields.indexOf('event') + 1] ?? '');
    await client.xadd(keys.log(ID), '*', 'event', JSON.stringify(event));
  }
  await client.xadd(keys.log(ID), '*', 'event', JSON.stringify({ type: 'moon.rose', somewhere: true }));
  expect(await story(api)).toMatchObject({
    attempts: [{ number: 1, sessions: [`claude-${ID}`], outcome: null }],
    sessions: [{ id: `claude-${ID}`, started_at: null }],
  });
});

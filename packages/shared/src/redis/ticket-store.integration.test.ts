import { expect, test } from 'vitest';
import { isCode } from '../errors.ts';
import {
  by,
  dump,
  GRACE_MS,
  RUNNER,
  type StoreFixture,
  startRedisServer,
  storeFixture,
  TICKET_ID,
  type Told,
  testPolicy,
  trigger,
} from '../testing/index.ts';
import { DAY_MS } from '../time.ts';

const approved: Told = { type: 'person.approved', by };

/** The claim of the open assignment by a runner that takes so many sessions. */
async function claim(f: StoreFixture, capacity = 4): Promise<Told> {
  const effectId = await f.openId('session.assign');
  return { type: 'slot.claimed', effectId, runner: RUNNER, capacity, tokenHash: 'hash' };
}

async function redisNow({ redis }: StoreFixture): Promise<number> {
  const [seconds, micros] = await redis.client.time();
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}

test('a commit writes the ticket, its indexes, its effects and both streams in one step', async () => {
  await using f = await storeFixture();
  const { client, keys } = f.redis;
  const input = f.decided(await f.store.load(TICKET_ID), trigger({ description: 'the body' }));
  const commit = await f.store.commit(input);
  expect(commit).toMatchObject({ kind: 'committed', version: 1 });
  const { ticket, version, body } = await f.store.loadWithBody(TICKET_ID);
  expect({ ticket, version, body }).toEqual({ ticket: input.change.ticket, version: 1, body: 'the body' });
  expect(await f.store.ticketOf(input.change.ticket.workItem.uuid)).toBe(TICKET_ID);
  expect(await client.zrange(keys.status('pending'), '0', '-1', 'WITHSCORES')).toEqual([
    TICKET_ID,
    String(input.change.ticket.statusSince),
  ]);
  const [feed] = await client.xrange(keys.events, '-', '+');
  expect(feed?.[0]).toBe(commit.kind === 'committed' && commit.streamId);
  expect(feed?.[1].slice(0, 6)).toEqual(['ticket', TICKET_ID, 'version', '1', 'status', 'pending']);
  expect(await f.store.history(TICKET_ID)).toEqual([
    expect.objectContaining({ event: expect.objectContaining({ type: 'trigger.seen', from: null, to: 'pending' }) }),
  ]);
});

test('a commit at a version that is gone writes nothing and gives the present ticket', async () => {
  await using f = await storeFixture();
  await f.commit(trigger());
  const stale = await f.store.load(TICKET_ID);
  await f.commit(approved);
  const before = await dump(f.redis);
  const commit = await f.store.commit(f.decided(stale, { type: 'person.cancelled', by }));
  expect(commit).toMatchObject({ kind: 'lost', loaded: { version: 2, ticket: { status: 'approved' } } });
  expect(await dump(f.redis)).toEqual(before);
});

test('a commit on a ticket that does not exist any more, or not yet, writes nothing', async () => {
  await using f = await storeFixture();
  const before = await dump(f.redis);
  const commit = await f.store.commit(f.decided({ version: 7, ticket: null }, trigger()));
  expect(commit).toMatchObject({ kind: 'lost', loaded: { version: 0, ticket: null } });
  expect(await dump(f.redis)).toEqual(before);
});

test('an event that was committed before writes nothing, at whatever version it comes again', async () => {
  await using f = await storeFixture();
  const first = await f.store.load(TICKET_ID);
  const input = f.decided(first, trigger());
  await f.store.commit(input);
  const { version, ticket } = await f.store.load(TICKET_ID);
  const before = await dump(f.redis);
  for (const base of [first, { version, ticket }]) {
    const commit = await f.store.commit({ ...input, base });
    expect(commit).toMatchObject({ kind: 'seen', loaded: { version: 1, ticket: { status: 'pending' } } });
  }
  expect(await dump(f.redis)).toEqual(before);
});

test('without `once` no event is remembered, and none is recognised', async () => {
  await using f = await storeFixture();
  const seen = trigger();
  const input = f.decided(await f.store.load(TICKET_ID), seen);
  await f.store.commit({ ...input, once: false });
  expect(await f.redis.client.exists(f.redis.keys.seen(input.event.id))).toBe(0);
  const again = f.decided(await f.store.load(TICKET_ID), { ...seen, id: input.event.id });
  expect(await f.store.commit({ ...again, once: false })).toMatchObject({ kind: 'committed', version: 2 });
});

test('an event is remembered for thirty days', async () => {
  await using f = await storeFixture();
  const input = f.decided(await f.store.load(TICKET_ID), trigger());
  await f.store.commit(input);
  const left = await f.redis.client.pttl(f.redis.keys.seen(input.event.id));
  expect(left).toBeGreaterThan(30 * DAY_MS - 60_000);
  expect(left).toBeLessThanOrEqual(30 * DAY_MS);
});

test('a full slot set refuses the whole commit and is named', async () => {
  await using f = await storeFixture();
  const { client, keys } = f.redis;
  await f.commit(trigger());
  await f.commit(approved);
  const maxima = [
    ['slots:all', 5],
    ['slots:project:project-acme', 3],
    [`slots:runner:${RUNNER}`, 4],
  ] as const;
  for (const [set, max] of maxima) {
    const others = Array.from({ length: max }, (_, i) => `ACME-${900 + i}`);
    await client.sadd(keys.slots(set), ...others);
    const before = await dump(f.redis);
    expect(await f.store.commit(f.decided(await f.store.load(TICKET_ID), await claim(f)))).toEqual({
      kind: 'full',
      set,
    });
    expect(await dump(f.redis)).toEqual(before);
    await client.spop(keys.slots(set)); // one less than the most
  }
  expect(await f.commit(await claim(f))).toMatchObject({ kind: 'committed' });
});

test('a ticket that is in a full set already keeps its place', async () => {
  await using f = await storeFixture({ policy: testPolicy({ limits: { all: 1, project: 1 } }) });
  await f.commit(trigger());
  await f.commit(approved);
  await f.redis.client.sadd(f.redis.keys.slots('slots:all'), TICKET_ID);
  expect(await f.commit(await claim(f, 1))).toMatchObject({ kind: 'committed' });
});

test('a work item that belongs to another ticket refuses the whole commit', async () => {
  await using f = await storeFixture();
  const told = trigger();
  await f.commit(told);
  const before = await dump(f.redis);
  expect(await f.commit({ ...told, ticketId: 'RENAMED-16' })).toEqual({ kind: 'taken', ticketId: TICKET_ID });
  expect(await dump(f.redis)).toEqual(before);
});

test('a ticket stands in the index of its status and in no other', async () => {
  await using f = await storeFixture();
  const { client, keys } = f.redis;
  await f.commit(trigger());
  await f.commit(approved);
  const { ticket } = await f.store.load(TICKET_ID);
  expect(await client.exists(keys.status('pending'))).toBe(0);
  expect(await client.zscore(keys.status('approved'), TICKET_ID)).toBe(String(ticket?.statusSince));
  expect(await f.store.counts()).toMatchObject({ pending: 0, approved: 1, starting: 0 });
  expect((await f.store.list('approved')).map(({ id }) => id)).toEqual([TICKET_ID]);
});

test('a claim joins the slot sets and the end of the session leaves them', async () => {
  await using f = await storeFixture();
  const { client, keys } = f.redis;
  const sets = ['slots:all', 'slots:project:project-acme', `slots:runner:${RUNNER}`, 'slots:stage:implement'];
  const members = () => Promise.all(sets.map((set) => client.smembers(keys.slots(set))));
  await f.commit(trigger());
  await f.commit(approved);
  expect(await members()).toEqual([[], [], [], []]);
  await f.commit(await claim(f));
  expect(await members()).toEqual(sets.map(() => [TICKET_ID]));
  const result = { branch: 'pco/ACME-16' };
  await f.commit({ type: 'effect.done', effectId: await f.openId('session.start'), result });
  await f.commit({ type: 'session.ended', sessionId: 'claude-ACME-16', exitCode: 0 });
  expect(await members()).toEqual([[], [], [], []]);
});

test('an opened effect is due after the grace, a delayed one after its delay', async () => {
  await using f = await storeFixture();
  const { client, keys } = f.redis;
  await f.commit(trigger());
  await f.commit(approved);
  const commit = await f.commit(await claim(f));
  const now = commit.kind === 'committed' ? commit.now : 0;
  const due = async (type: string) => Number(await client.zscore(keys.outbox, await f.openId(type)));
  expect(await due('session.start')).toBe(now + GRACE_MS);
  expect(await due('timer')).toBe(now + 120_000);
  const item: unknown = JSON.parse((await client.hget(keys.effects, await f.openId('session.start'))) ?? '');
  expect(item).toMatchObject({ type: 'session.start', ticketId: TICKET_ID, queue: `runner.${RUNNER}`, cid: 'cid-1' });
});

test('the outcome of an effect takes it out of the outbox', async () => {
  await using f = await storeFixture();
  const { client, keys } = f.redis;
  await f.commit(trigger());
  await f.commit(approved);
  await f.commit(await claim(f));
  const ids = [await f.openId('session.start'), await f.openId('timer')];
  await f.commit({ type: 'effect.done', effectId: await f.openId('session.start'), result: {} });
  expect(await client.zmscore(keys.outbox, ...ids)).toEqual([null, null]);
  expect(await client.hmget(keys.effects, ...ids)).toEqual([null, null]);
});

test('a body stays until another one is given, and an empty one is one', async () => {
  await using f = await storeFixture();
  const first = trigger({ description: 'first' });
  await f.commit(first);
  await f.commit(approved);
  expect(await f.store.bodyOf(TICKET_ID)).toBe('first');
  await f.commit({ ...first, description: 'second' } as typeof first); // the same work item
  expect(await f.store.bodyOf(TICKET_ID)).toBe('second');
  await f.commit({ ...first, description: '' } as typeof first);
  expect((await f.store.loadWithBody(TICKET_ID)).body.trim()).toBe('');
});

test('neither the feed nor the log of a ticket carries a description', async () => {
  await using f = await storeFixture();
  const secret = 'description that only the ticket keeps';
  await f.commit(trigger({ description: secret }));
  const { uuid, ...rest } = (await f.store.load(TICKET_ID)).ticket?.workItem ?? { uuid: '' };
  await f.commit({ type: 'work_item.changed', workItem: { uuid, ...rest }, description: secret } as Told); // a work item as read
  const entries = await Promise.all(
    [f.redis.keys.events, f.redis.keys.log(TICKET_ID)].map((key) => f.redis.client.xrange(key, '-', '+')),
  );
  expect(entries.map(({ length }) => length)).toEqual([2, 2]);
  expect(JSON.stringify(entries)).not.toContain(secret);
});

test('a record over 64 KiB is refused before Redis is asked', async () => {
  await using f = await storeFixture();
  const input = f.decided(await f.store.load(TICKET_ID), trigger());
  const record = JSON.stringify({ ...input.change.ticket, feedback: '語'.repeat(22_000) });
  const before = await dump(f.redis);
  const commit = f.store.commit({ ...input, change: { ...input.change, record } });
  await expect(commit).rejects.toSatisfy((err) => isCode(err, 'TICKET_TOO_LARGE'));
  expect(await dump(f.redis)).toEqual(before);
});

test('of fifty commits at one version exactly one is made', async () => {
  await using f = await storeFixture();
  await f.commit(trigger());
  const base = await f.store.load(TICKET_ID);
  const inputs = Array.from({ length: 50 }, () => f.decided(base, approved));
  const kinds = (await Promise.all(inputs.map((input) => f.store.commit(input)))).map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'committed')).toHaveLength(1);
  expect(kinds.filter((kind) => kind === 'lost')).toHaveLength(49);
  expect((await f.store.load(TICKET_ID)).version).toBe(2);
  expect(await f.redis.client.xlen(f.redis.keys.events)).toBe(2);
});

test('a full Redis refuses a commit whole, and takes the same one when there is room again', async () => {
  await using server = await startRedisServer(['--maxmemory-policy', 'noeviction']);
  await using f = await storeFixture({ url: server.url });
  const { client } = f.redis;
  await f.commit(trigger());
  await f.commit(approved);
  const before = await dump(f.redis);
  const input = f.decided(await f.store.load(TICKET_ID), await claim(f));
  await client.config('SET', 'maxmemory', '1');
  await expect(f.store.commit(input)).rejects.toThrow(/OOM/);
  await expect(f.store.takeDue(100, 10_000)).resolves.toEqual([]); // reading goes on
  await client.config('SET', 'maxmemory', '0');
  expect(await dump(f.redis)).toEqual(before);
  expect(await f.store.commit(input)).toMatchObject({ kind: 'committed', version: 3 });
});

test('a server that lost its scripts gets them again', async () => {
  await using server = await startRedisServer();
  await using f = await storeFixture({ url: server.url });
  await f.commit(trigger());
  await f.redis.client.script('FLUSH');
  expect((await f.store.load(TICKET_ID)).version).toBe(1);
  await f.redis.client.script('FLUSH');
  expect(await f.commit(approved)).toMatchObject({ kind: 'committed', version: 2 });
});

test('the time of a ticket is the time of Redis', async () => {
  await using f = await storeFixture();
  const before = await redisNow(f);
  const { now } = await f.store.load(TICKET_ID);
  const after = await redisNow(f);
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(after);
});

test('a record that cannot be read is an error that names its ticket', async () => {
  await using f = await storeFixture();
  await f.commit(trigger());
  await f.redis.client.hset(f.redis.keys.ticket(TICKET_ID), 'record', '{"id":"ACME-16"}');
  await expect(f.store.load(TICKET_ID)).rejects.toMatchObject({
    code: 'STORED_RECORD_INVALID',
    details: { ticketId: TICKET_ID },
  });
});

// --- purge -----------------------------------------------------------------------------------------------------

/** A ticket that is cancelled and whose last effect has its outcome. */
async function finished(f: StoreFixture): Promise<void> {
  await f.commit(trigger());
  await f.commit({ type: 'person.cancelled', by });
}

test('a purged ticket leaves nothing but the version floor and word of it in the feed, and its next round begins above it', async () => {
  await using f = await storeFixture();
  const { client, keys } = f.redis;
  await finished(f);
  const loaded = await f.store.load(TICKET_ID);
  expect(await f.store.purge(loaded)).toBe(true);
  expect(await f.store.load(TICKET_ID)).toMatchObject({ version: 2, ticket: null });
  expect(await f.store.ticketOf(loaded.ticket?.workItem.uuid ?? '')).toBeNull();
  expect(await f.store.counts()).toMatchObject({ cancelled: 0 });
  expect(await client.exists(keys.log(TICKET_ID), keys.ticket(TICKET_ID))).toBe(0);
  const [told] = await client.xrevrange(keys.events, '+', '-', 'COUNT', 1);
  expect(told?.[1].slice(0, 6)).toEqual(['ticket', TICKET_ID, 'version', '2', 'status', '']);
  expect(JSON.parse(told?.[1][7] ?? '')).toEqual({ type: 'ticket.forgotten', from: 'cancelled', to: null });
  const commit = await f.commit(trigger());
  expect(commit).toMatchObject({ kind: 'committed', version: 3 });
  expect(await f.openId('notify')).toBe(`${TICKET_ID}-v3-1`);
});

test('the floor only rises: purging a younger ticket leaves the floor of an older one', async () => {
  await using f = await storeFixture();
  await finished(f);
  for (let round = 0; round < 3; round += 1) await finished(f);
  await f.store.purge(await f.store.load(TICKET_ID));
  const other = trigger();
  await f.commit({ ...other, ticketId: 'ACME-17' });
  expect((await f.store.load('ACME-17')).version).toBe(9);
  await f.commit({ type: 'person.cancelled', by, ticketId: 'ACME-17' });
  await f.store.purge(await f.store.load('ACME-17'));
  expect((await f.store.load(TICKET_ID)).version).toBe(10);
});

test('only a finished ticket is purged, and only at the version that was read', async () => {
  await using f = await storeFixture();
  await f.commit(trigger());
  expect(await f.store.purge(await f.store.load(TICKET_ID))).toBe(false);
  await f.commit({ type: 'person.cancelled', by });
  const stale = await f.store.load(TICKET_ID);
  await f.commit(trigger());
  expect(await f.store.purge(stale)).toBe(false);
  expect((await f.store.load(TICKET_ID)).ticket?.status).toBe('pending');
});

test('a finished ticket whose session still runs is not purged: its slots would never be free again', async () => {
  await using f = await storeFixture();
  await f.commit(trigger());
  await f.commit(approved);
  await f.commit(await claim(f));
  await f.commit({ type: 'person.cancelled', by });
  expect(await f.store.purge(await f.store.load(TICKET_ID))).toBe(false);
  await f.commit({ type: 'effect.done', effectId: await f.openId('session.stop'), result: { exitCode: 0 } });
  expect(await f.store.purge(await f.store.load(TICKET_ID))).toBe(true);
});

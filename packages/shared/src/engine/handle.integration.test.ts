import { expect, test } from 'vitest';
import { PlaneWrite } from '../contracts/index.ts';
import { AppError } from '../errors.ts';
import { createConsumer } from '../queue/index.ts';
import { by, type CoreFixture, coreFixture, eventually, RUNNER, silentLog, trigger } from '../testing/index.ts';
import { createEffectHandle, type EffectHandler } from './handle.ts';

const QUEUE = 'plane-write';
const SESSION_ID = 'claude-ACME-16';

/** A core whose ticket is being written back, so that a `plane.comment` is open. */
async function updating() {
  await using stack = new AsyncDisposableStack();
  const core = stack.use(await coreFixture());
  await core.change(trigger());
  await core.change({ type: 'person.approved', by });
  const effectId = await core.openId('session.assign');
  await core.change({ type: 'slot.claimed', effectId, runner: RUNNER, capacity: 4, tokenHash: 'hash' });
  await core.change({ type: 'effect.done', effectId: await core.openId('session.start'), result: {} });
  await core.change({ type: 'completion.signalled', sessionId: SESSION_ID, summary: 'done', channel: 'file' });
  await core.change({ type: 'person.update_approved', by });
  const opened = stack.move();
  const consume = (comment: EffectHandler, state: EffectHandler = async () => ({ stateId: 's' })) => {
    const handlers = { 'plane.comment': comment, 'plane.state': state };
    const { redis, timing, metrics, store, apply } = core;
    const handle = createEffectHandle({ store, apply, handlers });
    const common = { contract: PlaneWrite, queue: QUEUE, redis, timing, metrics, log: silentLog, concurrency: 1 };
    return opened.use(createConsumer({ ...common, handle }));
  };
  return { ...core, consume, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

const attemptsOf = async (core: CoreFixture, effectId: string) =>
  (await core.queues.get(QUEUE).getJob(effectId))?.attemptsMade;

test('the result of an effect is committed, and what waits behind it in its lane follows', async () => {
  await using core = await updating();
  const comment = await core.openId('plane.comment');
  const seen: string[] = [];
  core.consume(
    async ({ effectId, effect, ticket }) => {
      seen.push(`${effectId} ${effect.key} ${ticket.summary}`);
      return { commentId: 'comment-1' };
    },
    async () => ({ stateId: 'state-1' }),
  );
  await eventually(async () => (await core.ticket()).status).toBe('done');
  expect((await core.ticket()).result).toMatchObject({ commentId: 'comment-1', stateId: 'state-1' });
  expect(seen).toEqual([`${comment} ${core.installation}-ACME-16-v6-1 done`]);
});

test('an effect that is not open any more is not done', async () => {
  await using core = await updating();
  const comment = await core.openId('plane.comment');
  await core.change({ type: 'person.cancelled', by });
  let calls = 0;
  core.consume(async () => {
    calls += 1;
    return {};
  });
  await eventually(async () => (await core.queues.state(QUEUE, comment)).state).toBe('completed');
  expect(calls).toBe(0);
});

test('a handler sees that its effect is taken back while it works', async () => {
  await using core = await updating();
  const looks: boolean[] = [];
  const comment = await core.openId('plane.comment');
  core.consume(async ({ stillOpen }) => {
    looks.push(await stillOpen());
    await core.change({ type: 'person.cancelled', by });
    looks.push(await stillOpen());
    return undefined;
  });
  await eventually(async () => (await core.queues.state(QUEUE, comment)).state).toBe('completed');
  expect(looks).toEqual([true, false]);
});

test.each([
  ['PLANE_UNREACHABLE', {}],
  ['PLANE_RATE_LIMITED', { retryAfterMs: 60_000 }],
  ['PLANE_BUDGET_EMPTY', { retryAfterMs: 60_000 }],
  ['PLANE_SERVER_ERROR', {}],
  ['SESSIONS_UNREACHABLE', {}],
] as const)('%s delays the job without costing an attempt or touching the ticket', async (code, details) => {
  await using core = await updating();
  const comment = await core.openId('plane.comment');
  core.consume(async () => {
    throw new AppError(code, details);
  });
  await eventually(async () => (await core.queues.state(QUEUE, comment)).state).toBe('delayed');
  expect(await attemptsOf(core, comment)).toBe(0);
  const delay = (await core.queues.get(QUEUE).getJob(comment))?.delay ?? 0;
  if ('retryAfterMs' in details) expect(delay).toBeGreaterThanOrEqual(60_000);
  else expect(delay).toBeGreaterThanOrEqual(500);
  expect(await core.ticket()).toMatchObject({ status: 'updating', open: { [comment]: { type: 'plane.comment' } } });
});

test('an answer that will not change is committed as failed, and the job with it', async () => {
  await using core = await updating();
  const comment = await core.openId('plane.comment');
  core.consume(async () => {
    throw new AppError('PLANE_UNAUTHORIZED', { why: 'status 403' });
  });
  await eventually(async () => (await core.queues.state(QUEUE, comment)).state).toBe('failed');
  expect(await attemptsOf(core, comment)).toBe(1);
  expect((await core.ticket()).open[comment]?.parked).toMatchObject({
    code: 'PLANE_UNAUTHORIZED',
    detail: expect.stringContaining('status 403'),
  });
  expect(await core.redis.client.zscore(core.redis.keys.outbox, comment)).toBeNull();
});

test('what may pass is tried again, and at the last attempt committed as failed', async () => {
  await using core = await updating();
  const comment = await core.openId('plane.comment');
  const queue = core.queues.get(QUEUE);
  await queue.remove(comment);
  const data = { ticketId: 'ACME-16', effectId: comment, cid: 'cid-1' };
  await queue.add('plane.comment', data, { jobId: comment, attempts: 3, backoff: { type: 'fixed', delay: 1 } });
  let calls = 0;
  core.consume(async () => {
    calls += 1;
    throw new Error('the disk hiccups');
  });
  await eventually(async () => (await core.queues.state(QUEUE, comment)).state).toBe('failed');
  expect(calls).toBe(3);
  expect((await core.ticket()).open[comment]?.parked).toMatchObject({ code: 'UNEXPECTED', detail: 'the disk hiccups' });
});

test('a parked effect whose job is run again by hand is done after all', async () => {
  await using core = await updating();
  const comment = await core.openId('plane.comment');
  let isForbidden = true;
  core.consume(async () => {
    if (isForbidden) throw new AppError('PLANE_REFUSED', { why: 'status 403' });
    return { commentId: 'comment-1' };
  });
  await eventually(async () => (await core.queues.state(QUEUE, comment)).state).toBe('failed');
  isForbidden = false;
  await (await core.queues.get(QUEUE).getJob(comment))?.retry(); // as Bull Board does
  await eventually(async () => (await core.ticket()).status).toBe('done');
  expect(await core.ticket()).toMatchObject({ result: { commentId: 'comment-1' } });
  expect((await core.ticket()).reason).toBeUndefined();
});

test('a handler that commits its outcome itself is not spoken for', async () => {
  await using core = await updating();
  const comment = await core.openId('plane.comment');
  core.consume(async ({ effectId }) => {
    await core.change({ type: 'effect.done', effectId, result: { commentId: 'by itself' } });
    return undefined;
  });
  await eventually(async () => (await core.queues.state(QUEUE, comment)).state).toBe('completed');
  await eventually(async () => (await core.ticket()).status).toBe('done');
  expect((await core.ticket()).result?.commentId).toBe('by itself');
});

test('a stop in the middle of an effect leaves it open for another worker', async () => {
  await using core = await updating();
  const comment = await core.openId('plane.comment');
  const begun = Promise.withResolvers<void>();
  const handle = createEffectHandle({
    store: core.store,
    apply: core.apply,
    handlers: {
      'plane.comment': ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new AppError('PLANE_REFUSED', { why: 'cut off' })));
          begun.resolve();
        }),
    },
  });
  const { redis, timing, metrics } = core;
  const common = { contract: PlaneWrite, queue: QUEUE, redis, timing, metrics, log: silentLog, concurrency: 1 };
  const first = createConsumer({ ...common, handle, drainMs: 10 });
  await begun.promise;
  await first[Symbol.asyncDispose]();
  expect((await core.ticket()).open[comment]?.parked).toBeUndefined();
  core.consume(async ({ isRepeat }) => ({ commentId: isRepeat ? 'looked first' : 'did not look' }));
  await eventually(async () => (await core.ticket()).status).toBe('done');
  expect((await core.ticket()).result?.commentId).toBe('looked first');
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test, vi } from 'vitest';
import { isCode } from '../errors.ts';
import { eventually, payload, QUEUE, type QueueFixture, queueFixture, redisUrl, silentLog } from '../testing/index.ts';
import { BackToQueue, GiveUp, type JobContext, Later, MAX_STALLS } from './consumer.ts';
import { takeBack } from './take-back.ts';

const A = 'ACME-16-v1-1';
const B = 'ACME-16-v1-2';
const C = 'ACME-16-v1-3';

/** What a handler was called with, in order. */
function recorder(answer: (ctx: JobContext, call: number) => Promise<void> | void = () => {}) {
  const calls: { jobId: string; isRepeat: boolean; isLastAttempt: boolean }[] = [];
  const handle = async (_payload: unknown, ctx: JobContext): Promise<void> => {
    calls.push({ jobId: ctx.jobId, isRepeat: ctx.isRepeat, isLastAttempt: ctx.isLastAttempt });
    await answer(ctx, calls.length);
  };
  return { calls, handle };
}

test('a payload that does not parse fails at once and never reaches the handler', async () => {
  await using q = await queueFixture();
  const { calls, handle } = recorder();
  q.consume(handle);
  for (const data of [{ ticketId: '../../etc', effectId: A, cid: 'c' }, { ticketId: 'ACME-16' }, 'text', null])
    await q.add(A, { data }).then((job) =>
      eventually(() => job.getState())
        .toBe('failed')
        .then(() => job.remove()),
    );
  expect(calls).toEqual([]);
});

test('a handler gets its payload and whether an earlier start may have got somewhere', async () => {
  await using q = await queueFixture();
  const handle = vi.fn(async () => undefined);
  q.consume(handle);
  await q.add(A);
  await eventually(() => q.state(A)).toBe('completed');
  expect(handle).toHaveBeenCalledExactlyOnceWith(
    payload(A),
    expect.objectContaining({ jobId: A, jobName: 'session.start', isRepeat: false, isLastAttempt: false }),
  );
});

test('Later delays the job without costing an attempt', async () => {
  await using q = await queueFixture();
  const { calls, handle } = recorder((_ctx, call) => {
    if (call < 5) throw new Later(1);
  });
  q.consume(handle);
  await q.add(A, { attempts: 2 });
  await eventually(() => q.state(A)).toBe('completed');
  expect(calls.map(({ isLastAttempt }) => isLastAttempt)).toEqual([false, false, false, false, false]);
  expect(calls.map(({ isRepeat }) => isRepeat)).toEqual([false, true, true, true, true]);
  expect((await q.queues.get(QUEUE).getJob(A))?.attemptsMade).toBe(1);
});

test('Later waits as long as it says', async () => {
  await using q = await queueFixture();
  const at: number[] = [];
  const { handle } = recorder((_ctx, call) => {
    at.push(performance.now());
    if (call === 1) throw new Later(300);
  });
  q.consume(handle);
  await q.add(A);
  await eventually(() => at.length).toBe(2);
  expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(280);
});

test('a job that goes back to its queue stays in front of it and costs no attempt', async () => {
  await using q = await queueFixture();
  for (const id of [A, B]) await q.add(id, { attempts: 1 });
  const { calls, handle } = recorder((_ctx, call) => {
    if (call <= 3) throw new BackToQueue();
  });
  q.consume(handle);
  await eventually(() => q.state(B)).toBe('completed');
  expect(calls.map(({ jobId }) => jobId)).toEqual([A, A, A, A, B]);
});

test('a job of a priority that goes back keeps it', async () => {
  await using q = await queueFixture();
  await q.add(B, { priority: 5 });
  await q.add(A, { priority: 1 });
  const { calls, handle } = recorder((_ctx, call) => {
    if (call === 1) throw new BackToQueue();
  });
  q.consume(handle);
  await eventually(() => q.state(B)).toBe('completed');
  expect(calls.map(({ jobId }) => jobId)).toEqual([A, A, B]);
});

test('giving up fails the job for good, attempts left or not', async () => {
  await using q = await queueFixture();
  const { calls, handle } = recorder(() => {
    throw new GiveUp('Plane refused it');
  });
  q.consume(handle);
  await q.add(A, { attempts: 5 });
  await eventually(() => q.queues.state(QUEUE, A)).toEqual({ state: 'failed', failedReason: 'Plane refused it' });
  await q.add(B); // a later job shows that the first one did not come again
  await eventually(() => q.state(B)).toBe('failed');
  expect(calls.map(({ jobId }) => jobId)).toEqual([A, B]);
});

test('a failure is tried again until the last attempt, which knows that it is', async () => {
  await using q = await queueFixture();
  const { calls, handle } = recorder(() => {
    throw new Error('no luck');
  });
  q.consume(handle);
  await q.add(A, { attempts: 3 });
  await eventually(() => q.state(A)).toBe('failed');
  expect(calls.map(({ isLastAttempt }) => isLastAttempt)).toEqual([false, false, true]);
  const text = await q.registry.metrics();
  expect(text).toMatch(/queue_job_duration_seconds_count\{queue="runner",outcome="retrying"\} 2/);
  expect(text).toMatch(/queue_job_duration_seconds_count\{queue="runner",outcome="failed"\} 1/);
});

test('the first wait of a contract is its backoff, and it grows', async () => {
  await using q = await queueFixture();
  await q.queues.add(QUEUE, 'session.start', payload(A), { jobId: A });
  const job = await q.queues.get(QUEUE).getJob(A);
  expect(job?.opts).toMatchObject({ attempts: 5, backoff: { type: 'exponential', delay: 1_000, jitter: 0.5 } });
});

test('the most urgent job runs first, and of two alike the older one', async () => {
  await using q = await queueFixture();
  for (const [id, priority] of [
    ['ACME-1-v1-1', 5],
    ['ACME-2-v1-1', 1],
    ['ACME-3-v1-1', 3],
    ['ACME-4-v1-1', 1],
  ] as const)
    await q.add(id, { priority });
  const { calls, handle } = recorder();
  q.consume(handle);
  await eventually(() => calls.map(({ jobId }) => jobId)).toEqual([
    'ACME-2-v1-1',
    'ACME-4-v1-1',
    'ACME-3-v1-1',
    'ACME-1-v1-1',
  ]);
});

test('a paused consumer fetches nothing, and goes on when it is resumed', async () => {
  await using q = await queueFixture();
  const { calls, handle } = recorder();
  const consumer = q.consume(handle);
  await consumer.pause();
  expect(consumer.isPaused()).toBe(true);
  await q.add(A);
  q.consume(async () => undefined); // another worker is free to take it
  await eventually(() => q.state(A)).toBe('completed');
  expect(calls).toEqual([]);
  consumer.resume();
  expect(consumer.isPaused()).toBe(false);
});

test('a consumer that pauses itself within a job and is resumed at once still fetches', async () => {
  await using q = await queueFixture();
  const { calls, handle } = recorder((_ctx, call) => {
    if (call > 1) return;
    void consumer.pause();
    consumer.resume(); // a slot was freed at that very moment
    throw new BackToQueue();
  });
  const consumer = q.consume(handle);
  await q.add(A);
  await eventually(() => q.state(A)).toBe('completed');
  expect(calls).toHaveLength(2);
});

test('a consumer that paused itself takes the job up again when it is resumed', async () => {
  await using q = await queueFixture();
  const { calls, handle } = recorder((_ctx, call) => {
    if (call > 1) return;
    void consumer.pause();
    throw new BackToQueue();
  });
  const consumer = q.consume(handle);
  await q.add(A);
  await eventually(async () => [calls.length, await q.state(A)]).toEqual([1, 'waiting']);
  consumer.resume();
  await eventually(() => q.state(A)).toBe('completed');
});

/** A job whose worker was killed at it. */
async function addOrphan(q: QueueFixture): Promise<void> {
  await q.add(A, { attempts: 1 });
  const script = join(import.meta.dirname, '../testing/stuck-worker.ts');
  const child = spawn(process.execPath, [script, await redisUrl(), q.redis.prefix, QUEUE], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  expect(line).toBe(`taken ${A}`);
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

test('the job of a worker that was killed is taken over, and knows that it was begun before', async () => {
  await using q = await queueFixture();
  await addOrphan(q);
  const { calls, handle } = recorder();
  q.consume(handle);
  await eventually(() => q.state(A)).toBe('completed');
  expect(calls).toEqual([{ jobId: A, isRepeat: true, isLastAttempt: true }]);
});

test('who alone works on a queue takes back what was held when it died, and it counts as a stall', async () => {
  await using q = await queueFixture();
  await addOrphan(q);
  const { client } = q.redis;
  const lock = `${q.queues.get(QUEUE).toKey(A)}:lock`;
  await client.persist(lock); // however long it would have been held
  await takeBack(q, QUEUE, silentLog);
  expect([await q.state(A), await client.exists(lock)]).toEqual(['waiting', 0]);
  expect((await q.metrics.stalled.get()).values).toMatchObject([{ labels: { queue: 'runner' }, value: 1 }]);
  const { calls, handle } = recorder();
  q.consume(handle);
  await eventually(() => q.state(A)).toBe('completed');
  expect(calls).toEqual([{ jobId: A, isRepeat: true, isLastAttempt: true }]);
  expect((await q.queues.get(QUEUE).getJob(A))?.stalledCounter).toBe(1);
});

test('a job at which workers die again and again is not taken back at once, and not for ever', async () => {
  await using q = await queueFixture();
  await addOrphan(q);
  const stalls = (count: number) => q.redis.client.hset(q.queues.get(QUEUE).toKey(A), 'stc', count);
  await stalls(MAX_STALLS / 2);
  await takeBack(q, QUEUE, silentLog);
  expect(await q.state(A)).toBe('active');
  await stalls(MAX_STALLS);
  const { calls, handle } = recorder();
  q.consume(handle);
  await eventually(() => q.state(A)).toBe('failed');
  expect(calls).toEqual([]);
});

test('a handler learns that its job is another worker’s by now', async () => {
  await using q = await queueFixture();
  const aborted = Promise.withResolvers<void>();
  q.consume((_payload, { signal }) => {
    signal.addEventListener('abort', () => aborted.resolve());
    return aborted.promise;
  });
  const job = await q.add(A);
  await eventually(() => q.state(A)).toBe('active');
  const locks = await q.redis.client.keys(`*${q.redis.prefix}*${job.id}:lock`);
  await q.redis.client.set(locks[0] ?? '', 'another worker', 'PX', 60_000);
  await aborted.promise;
});

test('a stop waits for a job that ends soon', async () => {
  await using q = await queueFixture();
  const gate = Promise.withResolvers<void>();
  const consumer = q.consume(() => gate.promise);
  await q.add(A);
  await eventually(() => q.state(A)).toBe('active');
  const stopped = consumer[Symbol.asyncDispose]();
  gate.resolve();
  await stopped;
  expect(await q.state(A)).toBe('completed');
});

test('a stop aborts a job that takes long, and leaves it to another worker without costing an attempt', async () => {
  await using q = await queueFixture();
  const consumer = q.consume(
    (_payload, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
    { drainMs: 20 },
  );
  await q.add(A, { attempts: 1 });
  await eventually(() => q.state(A)).toBe('active');
  await consumer[Symbol.asyncDispose]();
  expect(await q.state(A)).toBe('waiting');
  const { calls, handle } = recorder();
  q.consume(handle);
  await eventually(() => q.state(A)).toBe('completed');
  expect(calls).toEqual([{ jobId: A, isRepeat: true, isLastAttempt: true }]);
});

test('a producer refuses a payload that does not parse, and a queue that nobody has declared', async () => {
  await using q = await queueFixture();
  const refused = (err: unknown) => isCode(err, 'PAYLOAD_INVALID');
  const bad = q.queues.add(QUEUE, 'session.start', { ticketId: 'acme-16', effectId: A, cid: 'c' }, { jobId: A });
  await expect(bad).rejects.toSatisfy(refused);
  await expect(q.queues.add('surprise', 'x', payload(A), { jobId: A })).rejects.toSatisfy(refused);
  expect(await q.state(A)).toBe('absent');
});

test('the same job id added twice runs once', async () => {
  await using q = await queueFixture();
  const add = () => q.queues.add(QUEUE, 'session.start', payload(A), { jobId: A });
  await Promise.all([add(), add(), add()]);
  const { calls, handle } = recorder();
  q.consume(handle);
  await eventually(() => q.state(A)).toBe('completed');
  await add();
  await q.add(B);
  await eventually(() => q.state(B)).toBe('completed');
  expect(calls.map(({ jobId }) => jobId)).toEqual([A, B]);
});

test('a job in any place has its state, and one that is not there has none', async () => {
  await using q = await queueFixture();
  const gate = Promise.withResolvers<void>();
  expect(await q.state(A)).toBe('absent');
  await q.add(A, { priority: 3 });
  expect(await q.state(A)).toBe('waiting');
  q.consume(({ effectId }) => {
    if (effectId === B) throw new Later(60_000);
    if (effectId === C) throw new GiveUp('no');
    return gate.promise;
  });
  await eventually(() => q.state(A)).toBe('active');
  await Promise.all([q.add(B), q.add(C)]);
  gate.resolve();
  await eventually(() => q.state(A)).toBe('completed');
  await eventually(() => q.state(B)).toBe('delayed');
  await eventually(() => q.state(C)).toBe('failed');
  for (const id of [A, B, C]) await q.queues.remove(QUEUE, id);
  expect(await Promise.all([A, B, C].map((id) => q.state(id)))).toEqual(['absent', 'absent', 'absent']);
});

test('the job that has been delayed the longest can be let run at once', async () => {
  await using q = await queueFixture();
  const { calls, handle } = recorder((_ctx, call) => {
    if (call <= 2) throw new Later(60_000 * call);
  });
  q.consume(handle);
  await q.add(A);
  await eventually(() => q.state(A)).toBe('delayed');
  await q.add(B);
  await eventually(() => q.state(B)).toBe('delayed');
  await q.queues.promoteOldest(QUEUE);
  await eventually(() => q.state(A)).toBe('completed');
  expect(await q.state(B)).toBe('delayed');
  expect(calls).toHaveLength(3);
  await q.queues.promoteOldest('runner.nobody'); // nothing to promote is no error
});

test('a schedule exists once however many ask for it, and goes when it is not wanted any more', async () => {
  await using q = await queueFixture();
  const ask = (id: string) => q.queues.schedule('plane-read', `poll-${id}`, 60_000, { projectId: id });
  await Promise.all([ask('one'), ask('one'), ask('one'), ask('two')]);
  const schedules = async () => (await q.queues.get('plane-read').getJobSchedulers()).map(({ key }) => key).sort();
  expect(await schedules()).toEqual(['poll-one', 'poll-two']);
  await q.queues.unschedule('plane-read', new Set(['poll-two']));
  expect(await schedules()).toEqual(['poll-two']);
});

test('asking for a schedule again does not put its next run off', async () => {
  await using q = await queueFixture();
  const ask = () => q.queues.schedule('plane-read', 'poll-one', 3_600_000, { projectId: 'one' });
  const next = async () => (await q.queues.get('plane-read').getJobSchedulers())[0]?.next;
  await ask();
  const first = await next();
  await ask();
  expect(await next()).toBe(first);
});

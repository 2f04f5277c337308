import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEffectHandle } from '@pco/shared/engine';
import { by, eventually, silentLog } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { claudeCode } from './agent/claude-code.ts';
import { isProcessAlive } from './process-alive.ts';
import { killProcesses, processesOf } from './processes.ts';
import { createStopSession } from './stop-session.ts';
import { hostFixture, metaOf } from './testing/host-fixture.ts';
import { createMeter, readResult } from './usage/meter.ts';

/** A ticket whose session is to be stopped, with a program of so many lines of shell as its agent. */
async function stopping(lines: string, stop_grace: number) {
  const removed: string[] = [];
  const f = await hostFixture({ remove: async (id) => void removed.push(id) }, { stop_grace });
  await f.activeTicket('ACME-1');
  const { dir, write } = f.host.files('claude-ACME-1');
  const agent = spawn('bash', ['-c', `${lines}\ntouch "$PCO_SESSION_DIR/ready"; while :; do sleep 0.1; done`], {
    env: { PATH: process.env.PATH, PCO_SESSION_DIR: dir },
    stdio: 'ignore',
  });
  await f.core.change({ type: 'person.stopped', ticketId: 'ACME-1', by });
  const handle = createEffectHandle({
    store: f.core.store,
    apply: f.core.apply,
    handlers: { 'session.stop': createStopSession(f.host) },
  });
  return {
    ...f,
    dir,
    write,
    agent,
    removed,
    async run() {
      const ctx = {
        jobId: 'j',
        jobName: 'session.stop',
        log: silentLog,
        isLastAttempt: true,
        isRepeat: false,
        starts: 1,
      };
      const effectId = await f.core.openId('session.stop', 'ACME-1');
      await handle({ ticketId: 'ACME-1', effectId, cid: 'cid-1' }, { ...ctx, signal: new AbortController().signal });
      return f.core.ticket('ACME-1');
    },
    async [Symbol.asyncDispose]() {
      await killProcesses(dir, 'everybody', new AbortController().signal);
      await f[Symbol.asyncDispose]();
    },
  };
}

test('an agent that ends when asked to is not killed, and its exit code is kept', async () => {
  await using s = await stopping(`trap 'echo 143 >"$PCO_SESSION_DIR/exit"; exit 143' TERM`, 20);
  await eventually(async () => (await processesOf(s.dir)).others.length).toBeGreaterThan(0);
  await eventually(() => existsSync(join(s.dir, 'ready'))).toBe(true);
  const ticket = await s.run();
  expect(ticket).toMatchObject({ status: 'failed', reason: { code: 'STOPPED' }, session: { exitCode: 143 } });
  expect((await processesOf(s.dir)).others).toEqual([]);
  expect(s.removed).toEqual(['claude-ACME-1']);
});

test('an agent that ignores it is killed after the grace, with what it started and sent away', async () => {
  await using s = await stopping(`trap '' TERM; setsid bash -c 'trap "" TERM; while :; do sleep 0.1; done' &`, 0.3);
  await eventually(async () => (await processesOf(s.dir)).others.length).toBeGreaterThanOrEqual(2);
  await s.run();
  await eventually(async () => (await processesOf(s.dir)).others).toEqual([]);
  await eventually(() => isProcessAlive(s.agent.pid ?? 0)).toBe(false);
});

test('what is left when its terminal has closed is killed, also what looks like its launcher', async () => {
  await using s = await stopping('', 0.2);
  const launcher = join(s.dir, 'claude-ticket-worker');
  writeFileSync(launcher, 'trap "" TERM HUP; while :; do sleep 0.1; done');
  spawn('bash', [launcher], { env: { PATH: process.env.PATH, PCO_SESSION_DIR: s.dir }, stdio: 'ignore' });
  await eventually(async () => (await processesOf(s.dir)).launchers.length).toBeGreaterThan(0);
  await s.run();
  await expect(processesOf(s.dir)).resolves.toEqual({ launchers: [], others: [] });
});

test('what the conversation used is read when it has ended; messages count once, subagents as well', async () => {
  await using s = await stopping('', 5);
  const transcript_path = join(s.dir, 'one.jsonl');
  const said = (id: string, input_tokens: number) => ({
    type: 'assistant',
    message: {
      id,
      model: 'claude-sonnet-5-5',
      usage: { input_tokens, output_tokens: 1, cache_read_input_tokens: 10, service_tier: null },
    },
  });
  const lines = (...values: object[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
  const cost = (totalCostUSD: number) => ({ type: 'cost-state', totalCostUSD });
  writeFileSync(
    transcript_path,
    `${lines(said('a', 100), said('a', 100), { type: 'user' }, cost(0.5), said('b', 1), cost(0.75))}half`,
  );
  mkdirSync(join(s.dir, 'one/subagents'), { recursive: true });
  writeFileSync(join(s.dir, 'one/subagents/agent-x.jsonl'), lines(said('c', 1_000)));
  await s.write('conversations', `${transcript_path}\n`);
  // what the subagent used was not yet said by the agent: read for $2, written for $10, from its cache for $0.20 a million
  const cost_after = (1_000 * 2 + 1 * 10 + 10 * 0.2) / 1e6;
  expect(createMeter(claudeCode, s.dir).read()).toEqual({
    turns: 3,
    tokens: 111 + 12 + 1_011,
    cost: expect.closeTo(0.75 + cost_after, 9),
  });
  // a session that went on with the conversation of an earlier one is counted without what that one used
  const before = { turns: 1, tokens: 134, cost: 0.75 };
  expect(readResult(s.host, metaOf({ before })).spent).toEqual({
    tokens: 1_000,
    costUsd: expect.closeTo(cost_after, 9),
  });
  await s.run();
});

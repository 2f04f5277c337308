import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTerminal } from './support/browser-terminal.ts';
import { freeTimes, watchOccupancy } from './support/occupancy.ts';
import { approve, ask, askUntilHeard } from './support/people.ts';
import { plainStarts } from './support/plain-start.ts';
import { addRunner, originOf, type Runner } from './support/runners.ts';
import { type Stack, startStack } from './support/stack.ts';
import { until } from './support/until.ts';

// Three runners beside each other. PCO_RUNNER_TICKETS, PCO_RUNNER_SLOTS and PCO_RUNNER_SECONDS ("<least> <most>" that an
// agent works) say how much goes through them.
const TICKETS = Number(process.env.PCO_RUNNER_TICKETS ?? 40);
const SLOTS = Number(process.env.PCO_RUNNER_SLOTS ?? 2);
const SECONDS = process.env.PCO_RUNNER_SECONDS ?? '2 4';
const RUNNERS = 3;
const WORKER_TOKEN = 'what-session-workers-want-to-hear';
/**
 * What a freed slot may stay free, on a machine that starts a plain worktree and terminal within this time. The short
 * form runs beside other stacks: it only shows that a freed slot is used by itself, and not found by a sweep.
 */
const FREE_MS = process.env.PCO_RUNNER_TICKETS === undefined ? 10_000 : 1_000;
const QUIET_START_MS = 60;
const LIMIT_MS = 120_000 + ((TICKETS * Number(SECONDS.split(' ')[1])) / (RUNNERS * SLOTS)) * 4_000;

let stack: Stack;
let gates: string;
const runners: Runner[] = [];
const script = (name: string): string[] => [resolve(import.meta.dirname, 'support', name)];

beforeAll(async () => {
  gates = join(process.env.TMPDIR ?? '/tmp', `pco-e2e-gates-${process.pid}`);
  mkdirSync(gates, { recursive: true });
  stack = await startStack({
    agentEnv: { PCO_TEST_SECONDS: SECONDS, PCO_TEST_GATES: gates },
    config: {
      automation: { agent_command: script('timed-agent.sh'), stop_grace: 2 },
      runner: { id: 'e2e', slots: SLOTS, heartbeat_seconds: 1 },
      session_worker: { token: WORKER_TOKEN },
    },
  });
  await stack.services['session-worker'].stop(); // it has the repository that the others clone
  originOf(stack);
  for (let i = 1; i <= RUNNERS; i += 1) runners.push(await addRunner(stack, `runner-${i}`));
});
afterAll(async () => {
  await Promise.all(runners.map((runner) => runner[Symbol.asyncDispose]()));
  await stack?.[Symbol.asyncDispose]();
});

async function tickets(count: number): Promise<string[]> {
  const before = (await stack.store.counts()).pending;
  const ids = Array.from({ length: count }, (_, i) => {
    return stack.emulator.createItem({ project: 'ACME', name: `Work ${i}`, state: 'Todo' }).key;
  });
  await stack.poll();
  await until('every ticket is there', async () => (await stack.store.counts()).pending === before + count);
  return ids;
}

test(`${TICKETS} approvals at once over ${RUNNERS} runners of ${SLOTS} slots: never more agents, and no slot stays free`, {
  timeout: LIMIT_MS + 60_000,
}, async () => {
  const ids = await tickets(TICKETS);
  const plain = await plainStarts(join(stack.dir, 'repo'), 5);
  const watch = watchOccupancy(stack, runners, RUNNERS * SLOTS);
  await Promise.all(ids.map((id) => approve(stack, id)));
  await until('every ticket is complete', async () => (await stack.store.counts()).completed === TICKETS, LIMIT_MS);
  const seen = await watch.end();
  plain.push(...(await plainStarts(join(stack.dir, 'repo'), 5)));
  const plainMs = plain.toSorted((a, b) => a - b)[Math.floor(plain.length / 2)] ?? 0;
  const allowedMs = FREE_MS * Math.max(1, plainMs / QUIET_START_MS);
  await until('every session has ended', async () => (await slotsTaken()) === 0, LIMIT_MS);
  const longestFreeMs = Math.max(...(await freeTimes(stack, ids, SLOTS)));
  const all = { tickets: TICKETS, slots: RUNNERS * SLOTS, ...seen, longestFreeMs, plainMs, allowedMs };
  console.log('runners:', JSON.stringify(all));
  expect(seen.mostAgents).toBe(RUNNERS * SLOTS);
  expect(longestFreeMs, 'a freed slot stayed free while tickets waited').toBeLessThanOrEqual(allowedMs);
  for (const id of ids) expect(stack.starts(id), `agents that ran for ${id}`).toEqual([`claude-${id}`]);
  const used = await Promise.all(ids.map(async (id) => (await stack.store.load(id)).ticket?.runner));
  expect(new Set(used).size).toBe(RUNNERS);
});

const slotsTaken = () => stack.handle.client.scard(stack.handle.keys.slots('slots:all'));
const observed = async (id: string) => (await stack.store.load(id)).ticket?.observed?.state;

test('a runner that is gone is shown; its ticket goes on elsewhere from the pushed branch; what comes back is ended', async () => {
  const [one, two, three] = runners;
  if (!one || !two || !three) throw new Error('three runners were started');
  await Promise.all([one, three].map((runner) => Promise.all(runner.services.map((service) => service.stop()))));
  await usePushingAgents([one, two]);
  const [id = ''] = await tickets(1);
  await approve(stack, id);
  await until('its agent has pushed', () => existsSync(join(gates, `claude-${id}.pushed`)));
  expect((await stack.store.load(id)).ticket?.runner).toBe('runner-2');
  expect((await ask(stack, 'POST', `/api/tickets/${id}/retry`, { elsewhere: true })).body.code).toBe('RUNNER_ALIVE');
  await isReachedThroughTheApi(id, two);

  await Promise.all(two.services.map((service) => service.kill()));
  await one.start();
  await until('it is shown', async () => (await observed(id)) === 'unreachable');
  expect(await slotsTaken()).toBe(1);
  expect(two.tmux('list-sessions', '-F', '#{session_name}')).toContain(`claude-${id}`);

  expect((await askUntilHeard(stack, 'POST', `/api/tickets/${id}/retry`, { elsewhere: true })).status).toBe(200);
  await until('the other one has pushed', () => existsSync(join(gates, `claude-${id}-2.pushed`)));
  expect((await stack.store.load(id)).ticket).toMatchObject({ runner: 'runner-1', attempt: 2 });
  expect(readFileSync(join(one.dataDir, 'worktrees', id, 'work.txt'), 'utf8')).toBe(`claude-${id}\nclaude-${id}-2\n`);

  await two.start();
  await until('the stale one is ended', () => !two.tmux('list-sessions', '-F', '#{session_name}').includes('claude-'));
  expect(existsSync(join(two.dataDir, 'worktrees', id, 'work.txt'))).toBe(true);
  await hasBothSessions(id);
  writeFileSync(join(gates, `claude-${id}`), ''); // would complete, if it still ran
  writeFileSync(join(gates, `claude-${id}-2`), '');
  const done = await stack.waitForStatus(id, 'completed');
  expect(done.summary).toBe(`Worked on ${id} in claude-${id}-2.`);
  expect(stack.starts(id)).toEqual([`claude-${id}`, `claude-${id}-2`]);
  await until('its session has ended', async () => (await slotsTaken()) === 0);
});

/** Its terminal and its transcript, from services of that host, which have names and ports of their own. */
async function isReachedThroughTheApi(id: string, runner: Runner): Promise<void> {
  await using terminal = await openTerminal(stack.api, id);
  await until('its terminal shows the prompt', () => terminal.output().includes(id));
  const transcript = await ask(stack, 'GET', `/api/tickets/${id}/transcript`);
  expect(transcript).toMatchObject({ status: 200, body: { session_id: `claude-${id}` } });
  const past = `${runner.url}/sessions/claude-${id}/transcript`;
  expect((await fetch(past)).status, 'without the token of the session-workers').toBe(401);
  expect((await fetch(past, { headers: { authorization: `Bearer ${WORKER_TOKEN}` } })).status).toBe(200);
}

/** The earlier one is found on the host where it was, the present one where it is. */
async function hasBothSessions(id: string): Promise<void> {
  const sessions = [`claude-${id}`, `claude-${id}-2`];
  for (const session of sessions) {
    const { status, body } = await ask(stack, 'GET', `/api/tickets/${id}/transcript?session=${session}`);
    expect([status, body.session_id]).toEqual([200, session]);
  }
  const { body } = await ask(stack, 'GET', `/api/tickets/${id}/recordings`);
  const recordings = body as unknown as { session_id: string }[]; // a list
  expect(recordings.map(({ session_id }) => session_id)).toEqual(sessions);
}

/** The agent is part of the configuration, which is read at the start. */
async function usePushingAgents(all: readonly Runner[]): Promise<void> {
  for (const runner of all) {
    const file = join(runner.dataDir, '..', 'config.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('timed-agent.sh', 'pushing-agent.sh'));
    execFileSync('git', ['fetch', '-q'], { cwd: runner.repo });
  }
  const running = all.filter((runner) => runner.services.every(({ pid }) => pid !== undefined));
  for (const runner of running) {
    await Promise.all(runner.services.map((service) => service.stop()));
    await runner.start();
  }
}

test('of two session-workers on one host the second says so and stops, whether it shares the id or the data folder', async () => {
  const [one] = runners;
  if (!one) throw new Error('three runners were started');
  const file = join(one.dataDir, '..', 'config.yaml');
  const config = readFileSync(file, 'utf8').replace(/port: \d+/g, 'port: 0');
  const second = (text: string) => {
    const path = join(stack.dir, 'second.yaml');
    writeFileSync(path, text);
    return ends('session-worker', { ...stack.env, PCO_CONFIG: path });
  };
  expect(await second(config.replace('id: runner-1', 'id: runner-9'))).toMatchObject({
    code: 1,
    output: expect.stringContaining('DATA_DIR_TAKEN'),
  });
  expect(
    await second(config.replace(`data_dir: ${one.dataDir}`, `data_dir: ${join(stack.dir, 'other')}`)),
  ).toMatchObject({
    code: 1,
    output: expect.stringContaining('RUNNER_ID_TAKEN'),
  });
});

/** Runs a service that is expected to end by itself. */
const ends = (name: string, env: Readonly<Record<string, string>>): Promise<{ code: unknown; output: string }> =>
  new Promise((settle) => {
    const main = resolve(import.meta.dirname, '../apps', name, 'src/main.ts');
    execFile(process.execPath, [main], { env, timeout: 60_000 }, (err, stdout, stderr) =>
      settle({ code: err?.code ?? 0, output: stdout + stderr }),
    );
  });

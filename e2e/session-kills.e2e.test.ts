import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { askUntilHeard } from './support/people.ts';
import { type ServiceName, type Stack, startStack } from './support/stack.ts';
import { until } from './support/until.ts';

// Starts and completions while the two services of a runner's host are killed at random. PCO_SESSION_KILL_TICKETS says
// how many tickets go through.
const TICKETS = Number(process.env.PCO_SESSION_KILL_TICKETS ?? 30);
const SLOTS = 8;
const AT_ONCE = 20;
/** A ticket takes a second on two cores, and every kill costs some; on a machine with other work all takes longer. */
const LIMIT_MS = 60_000 + TICKETS * 10_000;
const READY_MS = 60_000;
const VICTIMS: readonly ServiceName[] = ['session-worker', 'tmux-session-service'];
const Typed = z.object({ type: z.string() });

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ config: { runner: { id: 'e2e', slots: SLOTS }, automation: { stop_grace: 2 } } });
});
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
});

/** Kills one or both, at any moment of its work or of its start, and starts them again, until told to stop. */
async function killAtRandom(signal: AbortSignal): Promise<number> {
  let kills = 0;
  while (!signal.aborted) {
    const both = Math.random() < 0.2;
    const victims = VICTIMS.filter((_, index) => both || index === kills % 2);
    await Promise.all(victims.map((name) => stack.services[name].kill()));
    if (Math.random() < 0.3) await pause(Math.random() * 1_500); // away for a while
    for (const name of victims) stack.services[name].start();
    kills += victims.length;
    const began = performance.now();
    // some die again while they start; mostly there is work to be disturbed, however slow the machine is
    if (Math.random() < 0.8) await until('both are ready', () => stack.areReady(VICTIMS), READY_MS);
    await pause(Math.random() * 3 * Math.max(1_000, performance.now() - began));
  }
  return kills;
}

const inChunks = async <T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> => {
  for (let at = 0; at < all.length; at += AT_ONCE) await Promise.all(all.slice(at, at + AT_ONCE).map(work));
};

test(`${TICKETS} tickets start and complete while the services of their host are killed`, {
  timeout: LIMIT_MS + 60_000,
}, async () => {
  const ids = Array.from({ length: TICKETS }, (_, index) => {
    return stack.emulator.createItem({ project: 'ACME', name: `Survive ${index}`, state: 'Todo' }).key;
  });
  await stack.poll();
  await until('every ticket is there', async () => (await stack.store.counts()).pending === TICKETS, LIMIT_MS);
  const enough = new AbortController();
  const killing = killAtRandom(enough.signal);
  try {
    await inChunks(ids, (id) => askUntilHeard(stack, 'POST', `/api/approve/${id}?wait=0`));
    await until('every ticket is complete', async () => (await stack.store.counts()).completed === TICKETS, LIMIT_MS);
  } finally {
    enough.abort();
  }
  const kills = await killing;
  expect(kills, 'kills').toBeGreaterThan(TICKETS / 50);

  await inChunks(ids, async (id) => {
    expect(stack.starts(id), `agents that ran for ${id}`).toEqual([`claude-${id}`]);
    const { ticket } = await stack.store.load(id);
    expect(ticket?.summary).toBe(`Worked on ${id}.`);
    const events = (await stack.store.history(id)).map(({ event }) => Typed.parse(event).type);
    expect(
      events.filter((type) => type === 'completion.signalled'),
      `completions of ${id}`,
    ).toHaveLength(1);
  });
  const slots = () => stack.handle.client.scard(stack.handle.keys.slots('slots:all'));
  await until('every session has ended', async () => (await slots()) === 0, LIMIT_MS);
  const sessions = () => stack.tmux('list-sessions', '-F', '#{session_name}').split('\n');
  await until('no terminal is left', () => !sessions().some((name) => name.startsWith('claude-')));
  const worktrees = spawnSync('git', ['worktree', 'list', '--porcelain'], {
    cwd: join(stack.dir, 'repo'),
    encoding: 'utf8',
  });
  expect(worktrees.stdout).not.toMatch(/^(locked|prunable)/m);
  expect(readdirSync(join(stack.dir, 'data/worktrees')).sort(), 'a worktree per ticket').toEqual([...ids].sort());
  expect(readdirSync(join(stack.dir, 'data/spool')), 'completions that nobody took').toEqual([]);
});

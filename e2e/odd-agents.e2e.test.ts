import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Ticket } from '@pco/shared/domain';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from './support/people.ts';
import { type Stack, startStack } from './support/stack.ts';
import { until } from './support/until.ts';

// Agents that lie or behave oddly: none completes a ticket that it did not complete, none hangs, each is shown as what
// it is. PCO_ODD_SEEDS says how many seeds each kind gets: the moments between its steps differ.
const SEEDS = Number(process.env.PCO_ODD_SEEDS ?? 1);
const FLOOD_MB = process.env.PCO_ODD_FLOOD_MB ?? '10';
const ROUND_MS = 90_000;

const FOREIGN = join(mkdtempSync(join(tmpdir(), 'pco-odd-')), 'foreign');

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    config: {
      automation: {
        agent_command: [resolve(import.meta.dirname, 'support/odd-agent.sh')],
        silent_after: 2,
        stop_grace: 1,
        keep_minutes: 0,
      },
    },
    agentEnv: { PCO_TEST_FLOOD_MB: FLOOD_MB, PCO_TEST_FOREIGN: FOREIGN },
  });
});
afterAll(async () => {
  // after a failure some still run, and closing their terminal is nothing to those that ignore it
  for (const pid of stack ? processesOf('') : []) end(Number(pid));
  await stack?.[Symbol.asyncDispose]();
  rmSync(dirname(FOREIGN), { recursive: true, force: true });
});

const end = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it was quicker
  }
};

type Observed = NonNullable<Ticket['observed']>['state'];
interface Expected {
  readonly status: readonly Ticket['status'][];
  readonly observed?: Observed;
  readonly reason?: RegExp;
  /** Only a kind with a summary may ever complete. */
  readonly summary?: RegExp;
  /** Whether the agent says when it has done its worst; only what comes afterwards counts. */
  readonly saysSo?: true;
  readonly after?: (id: string, ticket: Ticket) => Promise<unknown>;
}
/** At work, or seen to be silent: the short time of these tests may make either of it. */
const AT_WORK = ['active', 'waiting'] as const;

const KINDS: Readonly<Record<string, Expected>> = {
  silent: { status: ['waiting'], observed: 'silent' },
  'quits-without-summary': {
    status: ['waiting'],
    observed: 'exited',
    after: async (id) => {
      await press(id, 'What I did', 'Enter'); // its terminal asks
      expect((await stack.waitForStatus(id, 'completed')).summary).toBe('What I did');
    },
    summary: /What I did/,
  },
  'quits-with-1': {
    status: ['waiting'],
    observed: 'exited',
    after: async (id) => {
      await press(id, 'Enter'); // no summary
      const failed = await stack.waitForStatus(id, 'failed');
      expect(failed.reason).toMatchObject({ code: 'NO_SUMMARY', text: expect.stringContaining('exit code 1') });
      expect(failed.observed?.state).toBe('exited');
    },
  },
  'completes-twice': { status: ['completed'], summary: /^the (first|second|third)$/ },
  'completes-a-foreign-ticket': { status: AT_WORK, saysSo: true },
  'prints-the-words': { status: AT_WORK, saysSo: true },
  floods: { status: ['completed'], summary: /^after a flood$/ },
  'ignores-sigterm': { status: AT_WORK, saysSo: true },
  'forks-children': { status: ['completed'], summary: /^with children$/, after: ends },
  'dies-after-its-signal': { status: ['completed'], summary: /^the last words$/, after: ends },
  'kills-its-launcher': { status: ['failed'], observed: 'dead', reason: /disappeared/ },
  'writes-a-symlink': { status: AT_WORK, saysSo: true, after: (id) => refused(id) },
  'writes-nothing': { status: AT_WORK, saysSo: true },
  'writes-blanks': { status: AT_WORK, saysSo: true },
  'writes-a-megabyte': { status: AT_WORK, saysSo: true, after: (id) => refused(id) },
  'writes-binary': { status: AT_WORK, saysSo: true, after: (id) => refused(id) },
  'writes-slowly': { status: ['completed'], summary: /^half of a summary$/ },
  'changes-its-branch': {
    status: ['completed'],
    summary: /^elsewhere$/,
    after: async (id) => {
      const collected = await until('its branch is known', async () => {
        const { ticket } = await stack.store.load(id);
        return ticket?.result?.commits === undefined ? false : ticket;
      });
      expect(collected).toMatchObject({ session: { branch: `elsewhere-${id}` }, result: { commits: 1 } });
    },
  },
  'deletes-its-worktree': { status: ['completed'], summary: /^all gone$/, after: ends },
  'asks-and-answers-itself': {
    status: ['waiting'],
    observed: 'permission',
    after: async (id) => void (await stack.waitForStatus(id, 'active')),
  },
};

const press = async (id: string, ...keys: string[]) => {
  for (const key of keys) stack.tmux('send-keys', '-t', `=claude-${id}:`, key);
};
const dirOf = (id: string) => join(stack.dir, 'data/sessions', `claude-${id}`);

async function ends(id: string): Promise<void> {
  await until(`the session of ${id} has ended`, () => !stack.hasSession(`claude-${id}`));
  await until(`nothing of ${id} runs`, () => processesOf(id).length === 0);
}

const refused = (id: string): Promise<unknown> =>
  until(`the file of ${id} is refused`, () => {
    const folder = join(stack.dir, 'data/signals/refused');
    return existsSync(folder) && readdirSync(folder).some((name) => name.includes(`claude-${id}.txt`));
  });

/** Whatever was started in the session of a ticket, or in any of them, by the folder in its environment. */
const processesOf = (id: string): readonly string[] => {
  const mark = id === '' ? `PCO_SESSION_DIR=${stack.dir}/` : `PCO_SESSION_DIR=${dirOf(id)}\0`;
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark);
    } catch {
      return false; // ended while we looked
    }
  });
};

async function begin(kind: string, seed: number): Promise<string> {
  const { key } = stack.emulator.createItem({ project: 'ACME', name: `${kind} ${seed}`, state: 'Todo' });
  return key;
}

async function becomes(kind: string, id: string, expected: Expected): Promise<void> {
  if (expected.saysSo) await until(`${kind} has done its worst`, () => existsSync(join(dirOf(id), 'did-it')), ROUND_MS);
  let last: Ticket | null = null;
  const ticket = await until(
    `${kind} (${id}) is ${expected.status.join(' or ')} ${expected.observed ?? ''}`,
    async () => {
      last = (await stack.store.load(id)).ticket;
      const isIt = last && expected.status.includes(last.status);
      return isIt && (!expected.observed || last?.observed?.state === expected.observed) ? last : false;
    },
    ROUND_MS,
  ).catch((err: unknown) => {
    throw new Error(`${String(err)}; it is ${JSON.stringify(last)}`);
  });
  if (expected.reason) expect(ticket.reason?.text).toMatch(expected.reason);
  await expected.after?.(id, ticket);
}

/** What must hold of every kind in the end: completed once by its own word, or never. */
async function check(kind: string, id: string, { summary }: Expected): Promise<void> {
  const { ticket } = await stack.store.load(id);
  const signals = (await stack.store.history(id)).filter(
    ({ event }) => (event as { type?: string }).type === 'completion.signalled',
  );
  expect(signals.length, `${kind}: completions`).toBe(summary ? 1 : 0);
  if (summary) expect(ticket?.summary, kind).toMatch(summary);
  else expect(ticket?.summary, kind).toBeUndefined();
  expect(stack.starts(id), `${kind}: agents that ran`).toEqual([`claude-${id}`]);
}

test.each(Array.from({ length: SEEDS }, (_, seed) => seed + 1))(
  'odd and lying agents are shown as what they are, none completes falsely, none hangs (seed %i)',
  { timeout: 5 * ROUND_MS },
  async (seed) => {
    const kinds = Object.entries(KINDS);
    const ids = new Map<string, string>();
    for (const [kind] of kinds) ids.set(kind, await begin(kind, seed));
    const idOf = (kind: string) => ids.get(kind) ?? '';
    writeFileSync(FOREIGN, idOf('prints-the-words'));
    await stack.poll();
    for (const id of ids.values()) await stack.waitForStatus(id, 'pending');
    await Promise.all([...ids.values()].map((id) => ask(stack, 'POST', `/api/approve/${id}?wait=0`)));
    try {
      await Promise.all(kinds.map(([kind, expected]) => becomes(kind, idOf(kind), expected)));
      for (const [kind, expected] of kinds) await check(kind, idOf(kind), expected);
    } finally {
      // also after a failure: the next seed wants the slots
      await Promise.all([...ids.values()].map((id) => ask(stack, 'DELETE', `/api/tickets/${id}`)));
    }
    await Promise.all([...ids.values()].map(ends));
    const slots = () => stack.handle.client.scard(stack.handle.keys.slots('slots:all'));
    await until('every slot is free', async () => (await slots()) === 0);
  },
);

test('a rejection that comes while the session is being stopped starts its agent again when that has ended', async () => {
  const id = await begin('forks-children', 0); // its children take the whole grace
  await stack.poll();
  await stack.waitForStatus(id, 'pending');
  await ask(stack, 'POST', `/api/approve/${id}`);
  await until('it is being stopped', async () => {
    const { ticket } = await stack.store.load(id);
    return Object.values(ticket?.open ?? {}).some(({ type }) => type === 'session.stop');
  });
  expect((await ask(stack, 'POST', `/api/tickets/${id}/reject`, { text: 'Tests are missing' })).status).toBe(200);
  await until('it has completed again', async () => {
    const { ticket } = await stack.store.load(id);
    return ticket?.status === 'completed' && ticket.session?.id === `claude-${id}-2`;
  });
  expect(stack.starts(id)).toEqual([`claude-${id}`, `claude-${id}-2`]);
  expect((await stack.store.load(id)).ticket).toMatchObject({ attempt: 2, counters: { rejections: 1 } });
  await until(
    'both sessions have ended',
    () => !stack.hasSession(`claude-${id}`) && !stack.hasSession(`claude-${id}-2`),
  );
});

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { approve, ask } from './support/people.ts';
import { type Stack, startStack } from './support/stack.ts';
import { until } from './support/until.ts';

// tmux and the agents in a namespace of process ids of their own, as in a container: of their numbers the services know
// nothing. Where that may not be made (in many containers) nothing is tested.
const ISOLATED = ['--user', '--map-current-user', '--pid', '--fork', '--mount-proc', '--kill-child'];
const isPossible = spawnSync('unshare', [...ISOLATED, 'true']).status === 0;

let stack: Stack;
let agentHost: ChildProcess | undefined;

/** The agent host's program, as the container runs it. */
function startAgentHost({ env, socket }: Pick<Stack, 'env' | 'socket'>): void {
  const program = resolve(import.meta.dirname, '../infra/docker/agent-host');
  agentHost = spawn('unshare', [...ISOLATED, program], { env: { ...env, PCO_TMUX_SOCKET: socket }, stdio: 'ignore' });
}
/** All that runs in it goes with it. */
async function endAgentHost(signal: NodeJS.Signals): Promise<void> {
  if (!agentHost?.pid || agentHost.exitCode !== null || agentHost.signalCode !== null) return;
  const exited = once(agentHost, 'exit');
  const [program] = readFileSync(`/proc/${agentHost.pid}/task/${agentHost.pid}/children`, 'utf8').trim().split(' ');
  process.kill(Number(program), signal);
  await exited;
}
const isTmuxUsable = () =>
  fetch(`${stack.terminal}/health`).then(
    ({ status }) => status === 200,
    () => false,
  );

beforeAll(async () => {
  if (!isPossible) return;
  stack = await startStack({
    gated: true,
    prepare: startAgentHost,
    config: { runner: { id: 'e2e', slots: 3, agents_elsewhere: true }, automation: { stop_grace: 1 } },
    serviceEnv: (name): Record<string, string> => (name === 'tmux-session-service' ? { PCO_TMUX_SERVER: 'join' } : {}),
  });
});
afterAll(async () => {
  await endAgentHost('SIGKILL');
  await stack?.[Symbol.asyncDispose]();
});

async function activeTicket(name: string): Promise<string> {
  const { key } = stack.emulator.createItem({ project: 'ACME', name, state: 'Todo' });
  await stack.poll();
  await stack.waitForStatus(key, 'pending');
  await approve(stack, key);
  await stack.waitForStatus(key, 'active');
  return key;
}
const recordings = async (id: string): Promise<string> =>
  JSON.stringify((await ask(stack, 'GET', `/api/tickets/${id}/recordings`)).body);

test.runIf(isPossible)('an agent goes on while both services of its runner are replaced, and completes', async () => {
  const id = await activeTicket('Goes on');
  const pane = () => stack.tmux('list-panes', '-t', `=claude-${id}:`, '-F', '#{pane_pid}').trim();
  const before = pane();
  for (const name of ['tmux-session-service', 'session-worker'] as const) {
    await stack.services[name].kill();
    stack.services[name].start();
  }
  await until('both are ready', () => stack.areReady(['tmux-session-service', 'session-worker']));
  expect(pane()).toBe(before);
  stack.openGate(id);
  expect((await stack.waitForStatus(id, 'completed')).summary).toBe(`Worked on ${id}.`);
  expect(stack.starts(id)).toHaveLength(1);
});

test.runIf(isPossible)('a session is stopped with all its processes, also those that left its terminal', async () => {
  const id = await activeTicket('Leaves something running');
  const mark = join(stack.dir, 'stray');
  const dir = join(stack.dir, 'data/sessions', `claude-${id}`);
  // one that ignores what a closed terminal and a polite end say
  writeFileSync(mark, '');
  const script = `trap "" HUP TERM; echo begun > ${mark}; while :; do sleep 0.05; date +%s%N > ${mark}; done`;
  const stray = ['run-shell', '-b', `PCO_SESSION_DIR=${dir} setsid sh -c '${script}'`];
  stack.tmux(...stray);
  await until('it runs', () => readFileSync(mark, 'utf8') !== '');
  expect((await ask(stack, 'DELETE', `/api/tickets/${id}`)).status).toBe(200);
  await until(
    'its slot is free',
    async () => !(await stack.handle.client.sismember(stack.handle.keys.slots('slots:all'), id)),
  );
  expect(stack.hasSession(`claude-${id}`)).toBe(false);
  const last = readFileSync(mark, 'utf8');
  await new Promise((done) => setTimeout(done, 300)); // several times what it needs to write again
  expect(readFileSync(mark, 'utf8')).toBe(last);
});

test.runIf(isPossible)(
  'sessions that end with the agent host are interrupted and can be tried again in the next one',
  async () => {
    const id = await activeTicket('Ends with its host');
    await until('it is recorded', async () => (await recordings(id)).includes(`claude-${id}`));
    await endAgentHost('SIGKILL');
    const failed = await stack.waitForStatus(id, 'failed');
    expect(failed.reason?.code).toBe('NO_SUMMARY');
    // the terminal service starts no server that would have to be another container's
    expect(await isTmuxUsable()).toBe(false);
    expect(stack.tmux('-N', 'list-sessions')).toBe('');
    startAgentHost(stack);
    await until('tmux can be used', isTmuxUsable);
    await approve(stack, id);
    await stack.waitForStatus(id, 'active');
    stack.openGate(id);
    await stack.waitForStatus(id, 'completed');
    expect(stack.starts(id)).toEqual([`claude-${id}`, `claude-${id}-2`]);
  },
);

test.runIf(isPossible)('it stops when asked to, and its recordings say that they have ended', async () => {
  const id = await activeTicket('Ends politely');
  await until('it is recorded', async () => (await recordings(id)).includes(`claude-${id}`));
  await endAgentHost('SIGTERM');
  expect(await stack.waitForStatus(id, 'failed')).toMatchObject({ reason: { code: 'NO_SUMMARY' } });
  const root = join(stack.dir, 'data/tmux-session-service/recordings');
  const [name = ''] = spawnSync('ls', [root], { encoding: 'utf8' }).stdout.match(new RegExp(`claude-${id}~\\d+`)) ?? [];
  expect(existsSync(join(root, name, 'end'))).toBe(true);
});

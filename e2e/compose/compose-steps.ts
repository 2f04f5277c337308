import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { until } from '../support/until.ts';
import type { ComposeStack } from './compose-stack.ts';

const SCALED = ['api', 'poller', 'plane-writer'];
/** A runner has one of each. */
const KILLED = [...SCALED, 'session-worker', 'tmux-session-service'];
const LIVE = 30;
const AWAY_MS = 1_000;
/** Where it has no other beside it, which would work meanwhile. */
const WORKS_MS = 3_000;
const Item = z.object({ comments: z.array(z.object({ html: z.string() })), state: z.string() });

/** B-222 to B-230, each asked for. */
export async function everyRoute(stack: ComposeStack): Promise<void> {
  const { ask, ports } = stack;
  const status = async (path: string, method = 'GET', body?: unknown) => (await ask(method, path, body)).status;
  const insecure = `http://127.0.0.1:${ports.http}`;
  const moved = await ask('GET', `${insecure}/a/b?c=1`, undefined, { host: 'localhost' });
  assert.deepEqual([moved.status, moved.location], [301, `${stack.base}/a/b?c=1`]);
  assert.deepEqual((await ask('GET', `${insecure}/health`)).text, 'healthy');
  assert.deepEqual((await ask('GET', '/health')).text, 'healthy');
  assert.match((await ask('GET', '/orchestrator/health')).text, /"status":"healthy"/);
  assert.equal((await ask('GET', '/')).location, '/dashboard/');
  assert.match((await ask('GET', '/dashboard/')).text, /<!doctype html>/i);
  for (const path of [
    'pending-tickets',
    'active-sessions',
    'completed-tickets',
    'failed-tickets',
    'tickets',
    'tickets/',
  ])
    assert.equal(await status(`/api/${path}`), 200, path);
  assert.equal(await status('/api/approve/NONE-1', 'POST'), 404);
  assert.equal(await status('/api/update-plane/NONE-1', 'POST', { summary: 'none' }), 404);
  assert.equal(await status('/api/test/add-ticket', 'POST', {}), 404);
  assert.match((await ask('GET', '/api/testing')).text, /NOT_FOUND/, 'the api answers, not the proxy');
  for (const path of ['/api/me', '/docs', '/openapi.json', '/admin/queues'])
    assert.equal(await status(path), 200, path);
  assert.notEqual(await status('/webhooks/plane', 'POST', {}), 502);
  assert.equal(await status('/metrics'), 403, 'not for everybody');
  assert.match((await ask('GET', '/api/sessions')).text, /^\{"sessions":.*"unreachable":\[\]\}$/);
  assert.equal(await status('/api/sessions/none/'), 404);
  assert.equal(await status('/ws/sessions/none'), 426);
  assert.equal((await ask('GET', '/api/sessions', undefined, { authorization: 'Bearer nobody' })).status, 401);
  assert.equal(
    await status('/api/auth/login', 'POST', {}),
    401,
    'of the terminal service, which has a token of its own',
  );
  assert.equal(await status('/api/me/projects'), 401);
}

/** From a work item to a comment, through nginx, with the terminal looked at on the way. */
export async function mainLoop(stack: ComposeStack): Promise<void> {
  const id = 'DEMO-1';
  await stack.waitFor(id, 'pending');
  await stack.click('POST', `/api/approve/${id}?wait=1`);
  await stack.waitFor(id, 'active');
  for (const path of [`/api/tickets/${id}/terminal`, `/ws/sessions/claude-${id}?mode=view`])
    assert.match(await terminalOf(stack, path, id), /DEMO-1/);
  assert.match((await stack.ask('GET', `/api/sessions/claude-${id}`)).text, /"active":true/);
  await stack.openGate(id);
  assert.equal((await stack.waitFor(id, 'completed')).summary, `Worked on ${id}.`);
  await stack.click('POST', `/api/update-plane/${id}?wait=1`, { summary: `Seen ${id}.` });
  await stack.waitFor(id, 'done');
  await onceInPlane(stack, id);
}

async function terminalOf(stack: ComposeStack, path: string, id: string): Promise<string> {
  const socket = new WebSocket(`${stack.base.replace('https', 'wss')}${path}`, {
    ca: stack.certificate,
    headers: { authorization: `Bearer ${stack.token}` },
  });
  let text = '';
  socket.on('message', (data) => {
    text += String(data);
  });
  const failed = new Promise<never>((_, reject) => socket.on('error', reject));
  await Promise.race([failed, until('the terminal shows the ticket', () => text.includes(id))]);
  socket.terminate();
  return text;
}

async function onceInPlane(stack: ComposeStack, id: string): Promise<void> {
  const { comments, state } = Item.parse(await stack.plane('GET', `/items/${id}`));
  assert.equal(comments.filter(({ html }) => html.includes(`Seen ${id}.`)).length, 1, `comments of ${id}`);
  assert.equal(state, 'In Review', id);
  assert.equal((await stack.starts(id)).length, 1, `agents of ${id}`);
}

/** The same agent, before and after the two services of its runner were restarted, and then made anew. */
export async function agentGoesOn(stack: ComposeStack): Promise<void> {
  const id = 'DEMO-2';
  const pane = () => stack.inAgentHost(`tmux -L pco list-panes -t '=claude-${id}:' -F '#{pane_pid}'`);
  await stack.waitFor(id, 'pending');
  await stack.click('POST', `/api/approve/${id}?wait=1`);
  await stack.waitFor(id, 'active');
  const before = await pane();
  const services = ['tmux-session-service', 'session-worker'];
  await stack.compose('restart', ...services);
  await stack.compose('up', '--detach', '--no-build', '--no-deps', '--force-recreate', ...services);
  assert.equal(await pane(), before);
  await stack.openGate(id);
  await stack.waitFor(id, 'completed');
  assert.equal((await stack.starts(id)).length, 1);
}

/** Many tickets while one replica after the other is killed, and the services of the runner too. */
export async function scaledAndKilled(stack: ComposeStack): Promise<string> {
  await stack.up({ api: 3, poller: 3, 'plane-writer': 3 });
  await stack.inAgentHost('touch /var/lib/pco/runner/gates/all');
  const enough = new AbortController();
  const killing = killOneAfterTheOther(stack, enough.signal);
  const ids: string[] = [];
  try {
    for (let n = 1; n <= LIVE; n += 1) ids.push(await stack.createItem(`Survives ${n}`));
    await Promise.race([Promise.all(ids.map((id) => throughAll(stack, id))), killing]); // which ends first only when it fails
  } finally {
    enough.abort();
    await killing.catch(() => undefined); // it kills nothing any more when the stack is taken down
  }
  for (const id of ids) await onceInPlane(stack, id);
  await stack.inAgentHost('rm /var/lib/pco/runner/gates/all');
  return `${LIVE} tickets, ${await killing} killed`;
}

async function throughAll(stack: ComposeStack, id: string): Promise<void> {
  await stack.waitFor(id, 'pending');
  await stack.click('POST', `/api/approve/${id}?wait=0`);
  await stack.waitFor(id, 'completed');
  await stack.click('POST', `/api/update-plane/${id}?wait=0`, { summary: `Seen ${id}.` });
  await stack.waitFor(id, 'done');
}

/**
 * Never the last one of a service that is ready: a machine that starts them slowly would be left without any. One that is
 * the only one works a little between two kills: on a slow machine it would else be killed whenever it is ready.
 */
async function killOneAfterTheOther(stack: ComposeStack, signal: AbortSignal): Promise<number> {
  let kills = 0;
  while (!signal.aborted) {
    const name = KILLED[kills % KILLED.length] ?? 'api';
    const containers = (await stack.compose('ps', '--quiet', name)).split('\n');
    const victim = containers[Math.floor(Math.random() * containers.length)] ?? '';
    const others = containers.filter((container) => container !== victim);
    await until(
      others.length > 0 ? `another ${name} is ready` : `${name} is ready again`,
      async () =>
        (await Promise.all((others.length > 0 ? others : containers).map((one) => isReady(stack, one)))).some(Boolean),
      120_000,
    );
    if (others.length === 0) await pause(WORKS_MS);
    await stack.docker('kill', victim);
    kills += 1;
    await pause(AWAY_MS);
    await stack.docker('start', victim);
    await pause(AWAY_MS);
  }
  return kills;
}

const isReady = (stack: ComposeStack, container: string): Promise<boolean> =>
  stack.docker('exec', container, 'infra/docker/is-healthy').then(
    () => true,
    () => false,
  );

/** Everything is taken down and brought up again while agents work and others wait. */
export async function downAndUp(stack: ComposeStack): Promise<void> {
  const working = await stack.createItem('Works through it');
  const waiting = await stack.createItem('Waits through it');
  await stack.waitFor(working, 'pending');
  await stack.waitFor(waiting, 'pending');
  await stack.click('POST', `/api/approve/${working}?wait=1`);
  await stack.waitFor(working, 'active');
  await stack.compose('stop');
  const ended = (await stack.compose('ps', '--all', '--format', '{{.Service}} {{.ExitCode}}')).split('\n');
  assert.deepEqual(
    ended.filter((line) => !line.endsWith(' 0')),
    [],
    'each ends by itself when asked to',
  );
  await stack.compose('down');
  await stack.up();
  await stack.waitFor(waiting, 'pending');
  const interrupted = await stack.waitFor(working, 'failed');
  assert.match(JSON.stringify(interrupted), /NO_SUMMARY/);
  for (const id of ['DEMO-1', 'DEMO-2']) await stack.waitFor(id, 'done', 'completed');
  await stack.openGate(working);
  await stack.click('POST', `/api/tickets/${working}/retry`, {});
  await stack.waitFor(working, 'completed');
  assert.deepEqual(await stack.starts(working), [`claude-${working}`, `claude-${working}-2`]);
}

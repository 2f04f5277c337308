import { join } from 'node:path';
import { run } from '@pco/shared/run-program';
import { SECOND_MS } from '@pco/shared/time';
import { z } from 'zod';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

const TICKET = 'DEMO-1';

export interface Scene {
  readonly stack: Stack;
  /** Name of the tmux socket. */
  readonly socket: string;
  readonly signal: AbortSignal;
  readonly tell: (text: string) => void;
}

/**
 * A ticket is approved, the session-worker is killed while the agent works, and the ticket completes all the same.
 *
 * @throws Error when something got lost or happened twice
 */
export async function tellKillStory({ stack, socket, signal, tell }: Scene): Promise<void> {
  const wait = <Value>(what: string, look: () => Promise<Value | undefined>) =>
    until(what, look, { signal, timeoutMs: 60 * SECOND_MS });
  const tickets = (list: string) => get(`${stack.apiUrl}/api/${list}`, Tickets);
  const find = async (list: string) => (await tickets(list)).find(({ id }) => id === TICKET);

  await wait(`${TICKET} to be found`, () => find('pending-tickets'));
  tell(`${TICKET} was found in Plane and waits for approval`);
  const { session_id: sessionId } = await post(`${stack.apiUrl}/api/approve/${TICKET}`, undefined, Approved);
  tell(`approved: session ${sessionId}`);
  await wait('the agent to work', async () =>
    (await screen(socket, sessionId)).includes('Looking around') ? true : undefined,
  );
  const pane = await panePid(socket, sessionId);
  tell(`the agent works in tmux (pid ${pane})`);

  const victim = stack.child('session-worker');
  tell(`kill -9 ${victim.pid}: the session-worker, with the agent in the middle of its work`);
  process.kill(victim.pid ?? 0, 'SIGKILL');
  await wait(
    'the session-worker to come back',
    async () => (victim.restarts === 1 && victim.state === 'healthy') || undefined,
  );
  if ((await panePid(socket, sessionId)) !== pane) throw new Error('the agent did not survive');
  tell(`the agent did not notice (still pid ${pane}) and the new session-worker has taken it over`);

  const done = await wait('the ticket to complete', () => find('completed-tickets'));
  tell(`${TICKET} is complete: ${done.summary ?? ''}`);
  await post(`${stack.apiUrl}/api/update-plane/${TICKET}`, { summary: done.summary }, z.unknown());
  const item = await wait('the comment in Plane', async () => {
    const found = await get(`${stack.emulatorUrl}/__control/items/${TICKET}`, Item);
    return found.comments.length > 0 && found.state !== 'Todo' ? found : undefined;
  });
  tell(`written to Plane: ${item.comments.length} comment, state ${item.state}`);

  const sessions = await sessionsOf(socket);
  const commits = await run('git', ['-C', join(stack.config.data_dir, 'repo'), 'log', '--oneline', 'HEAD..pco/DEMO-1']);
  const facts = {
    sessions: sessions.length,
    comments: item.comments.length,
    commits: commits.stdout.trim().split('\n').length,
  };
  tell(`exactly once? ${facts.sessions} session, ${facts.comments} comment, ${facts.commits} commit on its branch`);
  if (Object.values(facts).some((count) => count !== 1)) throw new Error('something happened twice or not at all');
  tell('nothing was lost, and nothing happened twice');
}

// --- looking ---------------------------------------------------------------------------------------------------

const Tickets = z.array(z.object({ id: z.string(), summary: z.string().nullish() }));
const Approved = z.object({ session_id: z.string() });
const Item = z.object({ state: z.string(), comments: z.array(z.object({ html: z.string() })) });

async function get<Schema extends z.ZodType>(url: string, schema: Schema): Promise<z.output<Schema>> {
  return schema.parse(await (await fetch(url)).json());
}

async function post<Schema extends z.ZodType>(url: string, body: unknown, schema: Schema): Promise<z.output<Schema>> {
  const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await fetch(url, { method: 'POST', ...(body === undefined ? {} : json) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return schema.parse(await answer.json());
}

const screen = async (socket: string, session: string): Promise<string> =>
  (await run('tmux', ['-L', socket, 'capture-pane', '-p', '-t', `=${session}:`])).stdout;

const panePid = async (socket: string, session: string): Promise<string> =>
  (await run('tmux', ['-L', socket, 'list-panes', '-t', `=${session}:`, '-F', '#{pane_pid}'])).stdout.trim();

/** All that belong to the ticket; the terminal service has a session of its own beside them. */
async function sessionsOf(socket: string): Promise<string[]> {
  const { stdout } = await run('tmux', ['-L', socket, 'list-sessions', '-F', '#{session_name}']);
  return stdout.split('\n').filter((name) => name.includes(TICKET));
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { stringify } from 'yaml';
import { type Sandbox, sandbox, serve } from '../../../tmux-session-service/src/testing/fixture.ts';
import { apiFixture } from './api-fixture.ts';

export const SERVICE_TOKEN = 'of-the-terminal-service';

/** The api and a terminal service with a token of its own, over a tmux of its own. */
export async function terminalFixture(api: Parameters<typeof apiFixture>[0] = {}, configuredUrl?: string) {
  await using stack = new AsyncDisposableStack();
  const box = stack.use(await sandbox());
  const service = stack.use(await serve(box, { PCO_TMUX_SESSION_SERVICE_TOKEN: SERVICE_TOKEN }));
  const tmux_session_service = { url: configuredUrl ?? service.url, token: SERVICE_TOKEN };
  const fixture = stack.use(await apiFixture(api, undefined, { tmux_session_service }));
  const opened = stack.move();
  const authorization = `Bearer ${SERVICE_TOKEN}`;
  return {
    ...fixture,
    box,
    service,
    /** A ticket at work, whose session runs the command. */
    async session(ticketId: string, ...command: string[]): Promise<string> {
      await fixture.bring(ticketId, 'active');
      const id = `claude-${ticketId}`;
      const { status } = await service.call('PUT', `/sessions/${id}`, { command }, { authorization });
      if (status !== 200) throw new Error(`${id} could not be created: ${status}`);
      return id;
    },
    end: (id: string) => service.call('DELETE', `/sessions/${id}`, undefined, { authorization }),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
export type TerminalFixture = Awaited<ReturnType<typeof terminalFixture>>;

const MAIN = resolve(import.meta.dirname, '../main.ts');

/** A further api over the same state, as a process that can be killed. */
export async function apiProcess({ config }: TerminalFixture, box: Sandbox) {
  const { redis, plane, tmux_session_service, automation, runner } = config;
  const settings = { redis, plane, tmux_session_service, automation, runner, api: { port: 0 } };
  const file = join(box.dir, 'api.yaml');
  await writeFile(file, stringify(settings), { mode: 0o600 });
  const child: ChildProcess = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH, PCO_CONFIG: file },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = async () => {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };
  let url = '';
  if (child.stdout)
    for await (const line of createInterface(child.stdout)) {
      url = /"url":"([^"]+)"/.exec(line)?.[1] ?? '';
      if (url !== '') break;
    }
  child.stdout?.resume();
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended();
    },
  };
}

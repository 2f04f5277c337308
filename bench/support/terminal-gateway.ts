import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConfigInput, readConfig } from '@pco/shared/config';
import { type Ticket, TicketId } from '@pco/shared/domain';
import { type Core, openCore } from '@pco/shared/engine';
import { createLogger } from '@pco/shared/log';
import { freePort } from '@pco/shared/testing/free-port';
import { stringify } from 'yaml';
import { startRedisUnderTest } from '../../e2e/support/redis-under-test.ts';
import { until } from '../../e2e/support/until.ts';
import { startChild } from './child.ts';
import type { TerminalService } from './terminal-service.ts';

const PROJECT = '6029a8d4-2c7f-4f0c-9a1e-0d5a4c6b7e8f';
const RUNNER = 'bench';

/** The api as a process in front of a terminal service, with a Redis of its own. */
export interface TerminalGateway extends AsyncDisposable {
  readonly pid: number | undefined;
  /** A ticket at work, whose session is the one of that number. @returns the address of its terminal */
  ticket(number: number): Promise<string>;
}
/** The session that the ticket of that number has. */
export const sessionOf = (number: number): string => `claude-BENCH-${number}`;

export async function startTerminalGateway({ url }: TerminalService): Promise<TerminalGateway> {
  await using stack = new AsyncDisposableStack();
  const dir = mkdtempSync(join(tmpdir(), 'pco-bench-gateway-'));
  stack.defer(() => rmSync(dir, { recursive: true, force: true }));
  const redis = stack.use(await startRedisUnderTest(join(dir, 'redis')));
  const port = await freePort();
  const settings: ConfigInput = {
    plane: {
      api_url: 'http://127.0.0.1:9/api/v1', // nobody asks Plane
      api_token: 'plane_api_demo_0123456789abcdef01234567',
      workspace_slug: 'demo',
      project_ids: [PROJECT],
    },
    tmux_session_service: { url },
    automation: { repo_path: '/nowhere', signal_dir: '' },
    api: { port },
    limits: { sessions: 1_000, sessions_per_project: 1_000 },
    redis: { url: redis.url, prefix: 'bench' },
  };
  const file = join(dir, 'config.yaml');
  writeFileSync(file, stringify(settings));
  const env = { PATH: process.env.PATH, HOME: dir, PCO_CONFIG: file };
  const logFile = join(dir, 'api.log');
  const child = stack.use(startChild({ name: 'api', script: 'apps/api/src/main.ts', env, logFile }));
  const api = `http://127.0.0.1:${port}`;
  await until('the api is ready', () =>
    fetch(`${api}/readyz`)
      .then(({ ok }) => ok)
      .catch(() => false),
  );
  const config = readConfig({ env, argv: [], cwd: dir });
  const core = stack.use(await openCore(config, createLogger('bench', 'silent'), 'wait'));
  const opened = stack.move();
  return {
    pid: child.pid,
    async ticket(number) {
      const id = TicketId.parse(`BENCH-${number}`);
      await bringToWork(core, id);
      return `${api.replace('http', 'ws')}/api/tickets/${id}/terminal`;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** What poller, person and session-worker would commit. */
async function bringToWork({ apply, store }: Core, ticketId: string): Promise<void> {
  const workItem = { uuid: `uuid-${ticketId}`, projectId: PROJECT, project: 'BENCH', title: 'bench' };
  const by = () => ({ id: crypto.randomUUID(), ticketId, cid: 'bench' });
  const open = async (type: string): Promise<string> => {
    const { ticket } = await store.load(ticketId);
    return effectOf(ticket, type);
  };
  await apply({
    ...by(),
    type: 'trigger.seen',
    workItem: { ...workItem, priority: 'none', stateId: null },
    trigger: { type: 'manual_test' },
    description: '',
  });
  await apply({ ...by(), type: 'person.approved', by: 'bench' });
  const claim = { effectId: await open('session.assign'), runner: RUNNER, capacity: 1_000, tokenHash: '0'.repeat(64) };
  await apply({ ...by(), type: 'slot.claimed', ...claim });
  await apply({ ...by(), type: 'effect.done', effectId: await open('session.start'), result: {} });
}

function effectOf(ticket: Ticket | null, type: string): string {
  const found = Object.entries(ticket?.open ?? {}).find(([, effect]) => effect.type === type);
  if (!found) throw new Error(`no ${type} is open`);
  return found[0];
}

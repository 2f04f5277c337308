import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { Role } from '@pco/shared/contracts/http';
import type { Core } from '@pco/shared/engine';
import { every } from '@pco/shared/engine';
import type { Logger } from '@pco/shared/log';
import { redactSecrets } from '@pco/shared/secrets';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';

const PATH = '/admin/queues';
const REFRESH_MS = 30_000; // runners, and with them queues, come and go

/** Bull Board over every queue that there is; runners' queues appear with their runner. */
export async function addBoard(
  app: FastifyInstance,
  core: Core,
  pools: readonly string[],
  log: Logger,
): Promise<AsyncDisposable> {
  const serverAdapter = new FastifyAdapter();
  serverAdapter.setBasePath(PATH);
  const shown = new Set<string>();
  const board = createBullBoard({ queues: [], serverAdapter });
  const refresh = async () => {
    for (const name of await queueNames(core, pools)) {
      if (shown.has(name)) continue;
      shown.add(name);
      board.addQueue(new BullMQAdapter(core.queues.get(name)));
    }
  };
  const plugin: FastifyPluginAsync = async (scope) => {
    scope.addHook('preSerialization', async ({ caller }, _reply, payload) =>
      shownTo(caller?.role ?? 'viewer', payload),
    );
    scope.addHook('onSend', async (_request, reply, payload) =>
      String(reply.getHeader('content-type')).startsWith('text/html') ? withoutStrangers(String(payload)) : payload,
    );
    await scope.register(serverAdapter.registerPlugin());
  };
  await app.register(plugin, { prefix: PATH });
  return every(REFRESH_MS, refresh, log, 'queue board');
}

/** Every queue that there is now; runners' come and go with them. */
export async function queueNames({ redis }: Core, pools: readonly string[]): Promise<string[]> {
  const fixed = ['plane-read', ...pools.map((pool) => `session.${pool}`), 'plane-write', 'notify'];
  const runners = await redis.client.hkeys(redis.keys.runners);
  return [...fixed, ...runners.flatMap((runner) => [`runner.${runner}`, `completion.${runner}`])];
}

/** Its page asks another host for fonts: our policy refuses that, and the browser would complain at each visit. */
const withoutStrangers = (html: string): string => html.replaceAll(/<link\b[^>]*\bhref="https?:[^>]*>/g, '');

/** Without secrets, and without buttons for whom they would do nothing. */
function shownTo(role: Role, payload: unknown): unknown {
  const isReadOnly = role !== 'admin';
  return JSON.parse(JSON.stringify(payload ?? null), (key: string, value: unknown) => {
    if (isReadOnly && key === 'readOnlyMode') return true;
    if (isReadOnly && (key === 'allowRetries' || key === 'allowCompletedRetries')) return false;
    return typeof value === 'string' ? redactSecrets(value) : value;
  });
}

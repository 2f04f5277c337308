import { bad, checkPlane, checkRedisServers, checkWebhooks, type Finding } from '@pco/shared/checks';
import { coalesced } from '@pco/shared/coalesced';
import { HostChecks, ROUTES, type Setup } from '@pco/shared/contracts/http';
import { messageOf } from '@pco/shared/errors';
import type { PlaneClient } from '@pco/shared/plane';
import { createRunnerStore, type RunnerRecord, wasEverApproved } from '@pco/shared/redis';
import { iso, SECOND_MS } from '@pco/shared/time';
import type { FastifyInstance } from 'fastify';
import { request } from 'undici';
import type { ApiContext } from '../api-context.ts';
import { serve } from '../app/serve.ts';

/** An agent program may take long to tell its version. */
const RUNNER_MS = 25 * SECOND_MS;

type Group = Setup['groups'][number];

/** The checks of a first start, as `npm run doctor` makes them, for a page. Many who ask at once cost Plane one look. */
export function addSetupRoute(app: FastifyInstance, { core, config }: ApiContext, plane: PlaneClient): void {
  const { redis } = core;
  const runners = createRunnerStore(redis.client, redis.keys);
  const look = coalesced(async (): Promise<Group[]> => {
    const [found, servers, known] = await Promise.all([
      checkPlane(config, plane),
      checkRedisServers(redis, config.redis),
      runners.all(),
    ]);
    const live = known.filter(({ heartbeat }) => heartbeat !== null);
    return [
      groupOf('plane', found),
      groupOf('redis', servers),
      ...(live.length === 0 ? [groupOf('runner', [NO_RUNNER])] : []),
      ...(await Promise.all(live.map((runner) => askRunner(runner, config.session_worker.token)))),
      groupOf('webhooks', [checkWebhooks(config)]),
    ];
  });

  serve(app, ROUTES.setup, async ({ query }) => {
    const [groups, everApproved] = await Promise.all([query.look === 'none' ? [] : look(), wasEverApproved(redis)]);
    const levels = new Set(groups.flatMap(({ checks }) => checks.map(({ level }) => level)));
    return {
      checked_at: iso(Date.now()),
      ever_approved: everApproved,
      level: levels.has('bad') ? 'bad' : levels.has('warn') ? 'warn' : 'ok',
      groups,
    };
  });
}

const groupOf = (of: Group['of'], checks: Finding[]): Group => ({ of, runner: null, checks });

const NO_RUNNER = bad(
  'runner',
  'none sends heartbeats: nothing that is approved can start',
  'start a session-worker (npm start does), and see its log lines if it ends',
);

/** What a session-worker finds on its own host. */
async function askRunner({ id, heartbeat }: RunnerRecord, token: string | undefined): Promise<Group> {
  const url = heartbeat?.url;
  const of = { of: 'runner', runner: id } as const;
  try {
    if (url === undefined) throw new Error('it does not say where it is reached');
    const answer = await request(`${url}/checks`, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      headersTimeout: RUNNER_MS,
      bodyTimeout: RUNNER_MS,
    });
    const body: unknown = await answer.body.json();
    if (answer.statusCode !== 200) throw new Error(`${url} answers ${answer.statusCode}`);
    return { ...of, checks: HostChecks.parse(body) };
  } catch (err) {
    const mend = 'see whether session_worker.host, port and token there fit those here, and its release ours';
    return { ...of, checks: [bad('session-worker', messageOf(err), mend)] };
  }
}

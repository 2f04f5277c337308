import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Config } from '@pco/shared/config';
import { CompletionQueue, RunnerQueue, SessionQueue } from '@pco/shared/contracts';
import { Slug, type Ticket } from '@pco/shared/domain';
import {
  type Apply,
  createEffectHandle,
  type EffectHandlers,
  openCore,
  openPlane,
  poolsOf,
  poolsOfProjects,
  redisReadiness,
} from '@pco/shared/engine';
import type { Logger } from '@pco/shared/log';
import type { PlaneClient } from '@pco/shared/plane';
import { type Consumer, createConsumer, takeBack } from '@pco/shared/queue';
import { addHealth, addProbes, createHttp, type HealthReason, listen, lockDataDir } from '@pco/shared/service';
import { urlOf } from '@pco/shared/url-of';
import { createClaimSession } from './claim-session.ts';
import { startCleaning } from './clean-worktrees.ts';
import { createCollectResult } from './collect-result.ts';
import { addDiffRoute } from './diff/routes.ts';
import { createDrain } from './drain.ts';
import { createEvidenceStore } from './evidence/evidence-store.ts';
import { startHeartbeat, watchRunners } from './heartbeat.ts';
import { addHookRoute } from './hooks.ts';
import { type Host, hostPaths, makeFiles } from './host.ts';
import { addHostChecks } from './host-checks.ts';
import { createIntake } from './intake.ts';
import { addMetrics, addRoomMetrics } from './metrics.ts';
import { startObserver, tellObserved } from './observe.ts';
import { startReconcile } from './reconcile.ts';
import { createMeasure, type Measure } from './room.ts';
import { createSessionsClient, type SessionsClient } from './sessions-client.ts';
import { createStartSession } from './start-session.ts';
import { createStopSession } from './stop-session.ts';
import { createTalk } from './talk/talk.ts';
import { addTranscriptRoutes } from './transcript/routes.ts';
import { watchBudgets } from './usage/watch-budgets.ts';
import { watchSignals } from './watch-signals.ts';
import { createPrepareWorkspace, type PrepareWorkspace } from './workspace.ts';

export interface SessionWorkerDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends this process, when another one turns out to be this runner. */
  readonly stop: () => void;
  readonly sessions?: SessionsClient;
  readonly prepareWorkspace?: PrepareWorkspace;
  readonly comments?: Host['comments'];
  readonly links?: Host['links'];
  readonly measure?: Measure;
}

export type SessionWorker = AsyncDisposable & { readonly url: string };

const RUNNER_CONCURRENCY = 8; // starts and stops mostly wait: for an agent that is ready, for one that ends
const COLLECT_CONCURRENCY = 2;

/** Takes approved tickets for this host, starts, watches and stops their sessions, and notices what completes them. */
export async function startSessionWorker(config: Config, log: Logger, deps: SessionWorkerDeps): Promise<SessionWorker> {
  await using stack = new AsyncDisposableStack();
  await mkdir(config.data_dir, { recursive: true });
  // two of them would each end what the other has started, whatever they are called
  stack.use(lockDataDir(config.data_dir, { name: 'session-worker', file: 'session-worker.lock' }, process.pid));
  const core = stack.use(await openCore(config, log, 'wait'));
  const { url: serviceUrl, token } = config.tmux_session_service;
  const sessions = deps.sessions ?? stack.use(createSessionsClient(serviceUrl, token));
  const runner = config.runner.id ?? (await readRunnerId(config.data_dir));
  const capacity = config.runner.slots;
  const app = createHttp({ log });
  const paths = hostPaths(config);
  await mkdir(paths.sessions, { recursive: true, mode: 0o700 });

  const intake = stack.use(
    createIntake({
      capacity,
      limits: config.runner,
      drain: createDrain(config),
      measure: deps.measure ?? createMeasure({ worktrees: paths.worktrees, data: config.data_dir }),
      slotsUsed: () => core.redis.client.scard(core.redis.keys.slots(`slots:runner:${runner}`)),
      log,
    }),
  );
  const pools = poolsOf(config);
  const waitingPools = [...new Set([...pools, ...poolsOfProjects(config)])];
  const useFreed = async ({ workItem: { project } }: Ticket, left: readonly string[]): Promise<void> => {
    const own = left.includes(`slots:runner:${runner}`) ? intake.lookAgain() : undefined;
    await Promise.all([own, ...waitingPools.map((pool) => core.queues.promoteOldest(`session.${pool}`, project))]);
  };
  const apply: Apply = async (event, options) => {
    const answer = await core.apply(event, options);
    if (answer.kind === 'changed' && answer.change.leaves.length > 0)
      // nobody waits for it: the next look at this host and the delayed jobs' own time bring the same
      void useFreed(answer.ticket, answer.change.leaves).catch((err: unknown) => log.debug({ err }, 'freed slot'));
    if (answer.kind === 'changed' && event.type === 'effect.done') tellWhatIsSeen(answer.ticket);
    return answer;
  };
  const plane = stack.use(openPlane(config, core));
  const host: Host = {
    config,
    core: { ...core, apply },
    log,
    runner,
    capacity,
    uid: process.getuid?.() ?? 0,
    sessions,
    prepareWorkspace: deps.prepareWorkspace ?? createPrepareWorkspace(),
    env: deps.env,
    url: urlOf(config.session_worker),
    paths,
    files: makeFiles(paths),
    comments: deps.comments ?? plainComments(plane),
    links: deps.links ?? (({ projectId, uuid }, signal) => plane.listLinks(projectId, uuid, { signal })),
    evidence: createEvidenceStore(
      (id) => join(paths.sessions, id),
      Date.now,
      config.runner.agents_elsewhere ? () => false : undefined, // its launcher tells of its end
    ),
    watched: new Map(),
  };
  /** Evidence may come before the start is committed: it is told as soon as the ticket listens. */
  const tellWhatIsSeen = ({ status, session, observed }: Ticket): void => {
    if (!session || (status !== 'active' && status !== 'waiting')) return;
    if (!host.watched.has(session.id) || !observed) host.watched.set(session.id, '');
    void tellObserved(host, session.id).catch(() => reconcile.now());
  };
  const heartbeat = stack.use(await startHeartbeat(host, intake, pools, deps.stop));
  intake.onChange(() => heartbeat.now());
  stack.use(watchRunners(host));

  const reconcile = stack.use(startReconcile(host));
  stack.use(startCleaning(host));
  stack.use(startObserver(host, () => reconcile.now()));
  stack.use(watchBudgets(host));
  addHookRoute(app, host, (sessionId) => {
    void tellObserved(host, sessionId).catch(() => reconcile.now());
  });
  addTranscriptRoutes(app, host);
  addDiffRoute(app, host);
  addHostChecks(app, host);
  addProbes(app, core.registry, async () => {
    const terminal = await sessions.isHealthy();
    return { ok: terminal, checks: { terminal_service: terminal ? 'ok' : `no answer from ${serviceUrl}` } };
  });
  addHealth(
    app,
    config,
    () => redisReadiness(core),
    async (): Promise<HealthReason[]> => {
      const why = `no answer from ${serviceUrl}; no session can be started or watched`;
      return [
        ...((await sessions.isHealthy()) ? [] : [{ code: 'terminal-service-away', why } as const]),
        ...(intake.lack ? [{ code: 'runner-without-room', why: intake.lack.why } as const] : []),
      ];
    },
  );
  addMetrics(host);
  addRoomMetrics(core.registry, intake, capacity);
  const { url } = stack.use(await listen(app, config.session_worker));

  const consume = (
    queue: string,
    contract: typeof RunnerQueue,
    concurrency: number,
    handlers: EffectHandlers,
  ): Consumer => {
    const handle = createEffectHandle({ store: core.store, apply, handlers });
    const { redis, timing, metrics } = core;
    return stack.use(createConsumer({ contract, queue, redis, concurrency, timing, log, metrics, handle }));
  };
  stack.use(await watchSignals(host));
  // nobody else works on these two: what an earlier process held when it died does not wait until its locks expire
  for (const queue of [`completion.${runner}`, `runner.${runner}`]) await takeBack(core, queue, log);
  consume(`completion.${runner}`, CompletionQueue, COLLECT_CONCURRENCY, {
    'completion.collect': createCollectResult(host),
  });
  consume(`runner.${runner}`, RunnerQueue, RUNNER_CONCURRENCY, {
    'session.start': createStartSession(host),
    'session.stop': createStopSession(host),
    'session.send': createTalk(host),
  });
  const claim = createClaimSession(host, intake);
  await intake.open(pools.map((pool) => consume(`session.${pool}`, SessionQueue, 1, { 'session.assign': claim })));
  log.info({ event: 'service.started', runner, capacity, pools, url }, 'service started');
  const opened = stack.move();
  return { url, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** One page: a prompt has room for the latest only. */
const plainComments =
  (plane: PlaneClient): Host['comments'] =>
  async ({ projectId, uuid }, signal) => {
    const { comments } = await plane.listComments(projectId, uuid, { perPage: 20, signal });
    return comments.map(({ html }) => html).reverse();
  };

/** The host's name as it was at the first start: a name that changes must not make another runner of the same sessions. */
async function readRunnerId(dataDir: string): Promise<string> {
  const file = join(dataDir, 'runner-id');
  const known = Slug.safeParse((await readFile(file, 'utf8').catch(() => '')).trim()).data;
  if (known) return known;
  const id = slug(hostname());
  await writeFile(file, `${id}\n`);
  return id;
}

const slug = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 32) || 'runner';

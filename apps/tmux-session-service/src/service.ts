import { mkdir } from 'node:fs/promises';
import { messageOf } from '@pco/shared/errors';
import type { Logger } from '@pco/shared/log';
import { createRegistry } from '@pco/shared/metrics';
import { addConfigMetrics, listen, lockDataDir } from '@pco/shared/service';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '@pco/shared/time';
import { openAccounts } from './accounts.ts';
import { createApp } from './app.ts';
import type { Config } from './config.ts';
import { createMetrics } from './metrics.ts';
import { createOutputLogs } from './output-logs.ts';
import { createPacer } from './pacer.ts';
import { openRecordings, type RecordingLimits } from './recordings.ts';
import { createReplays } from './replay.ts';
import { startRest } from './rest.ts';
import type { SessionRecord } from './session-record.ts';
import { openSessionStore } from './session-store.ts';
import { createSessions } from './sessions.ts';
import { createTerminals } from './terminal.ts';
import { createTerminalSockets } from './terminal-sockets.ts';
import { createTmux } from './tmux.ts';
import { createViewOf } from './view-of.ts';

/** tmux tells us of every change; this is for what it told while we were not connected (B-169). */
const DISCOVERY_PERIOD_MS = MINUTE_MS;
/** Changes come in bursts, several per session. */
const DISCOVERY_DELAY_MS = 100;
const RETENTION_PERIOD_MS = HOUR_MS;
/** Not in the way of a start. */
const RETENTION_DELAY_MS = SECOND_MS;

/** Stopping it leaves every tmux session as it is (B-135). */
export async function startTmuxSessionService(
  config: Config,
  log: Logger,
  pid: number,
): Promise<AsyncDisposable & { readonly url: string }> {
  await using stack = new AsyncDisposableStack();
  const { host, port, token, view_token: viewToken, socket } = config.tmux_session_service;
  const { accounts: registration, tmuxBin: bin, startsServer, allowedOrigins, shell, home, sessionEnv } = config.host;
  const { data_dir: dataDir } = config;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  stack.use(lockDataDir(dataDir, { name: 'terminal service', file: 'service.lock' }, pid));
  const store = stack.use(await openSessionStore(dataDir, log));
  const registry = createRegistry();
  addConfigMetrics(registry, config);
  const metrics = createMetrics(registry);

  const discovery = createPacer({
    delayMs: DISCOVERY_DELAY_MS,
    periodMs: DISCOVERY_PERIOD_MS,
    work: async () => {
      await sessions.reconcile();
      rest.hurry();
    },
    onError: (err) => log.warn({ err }, 'sessions could not be discovered'),
  });
  const tmux = stack.use(
    createTmux({ bin, socket, startsServer, env: sessionEnv, log, metrics, onChange: discovery.hurry }),
  );
  const recordings = await openRecordings({ dataDir, limits: () => limitsOf(config), env: sessionEnv, log });
  const sessions = createSessions({ tmux, store, recordings, shell, home, path: sessionEnv.PATH, metrics, log });
  const logs = createOutputLogs(log);
  const viewOf = createViewOf({ tmux, sessions, recordings, logs, home });
  const sockets = createTerminalSockets(metrics);
  const terminals = createTerminals({ tmux, sessions, viewOf, noteSize: recordings.noteSize, sockets, log });
  const replays = createReplays({ recordings, logs, sockets, log });
  stack.use(discovery);
  const live = async () => new Set((await sessions.list()).flatMap(liveRecording));
  const rest = stack.use(startRest({ recordings, isFollowed: logs.isOpen, live, log }));
  const retention = createPacer({
    delayMs: RETENTION_DELAY_MS,
    periodMs: RETENTION_PERIOD_MS,
    work: async () => recordings.prune(await live()),
    onError: (err) => log.warn({ err }, 'recordings could not be cleaned up'),
  });
  stack.use(retention);

  // Without tmux the service runs all the same: /health says what is wrong, and it may be installed meanwhile.
  await tmux.start().catch((err) => log.error({ err }, `tmux cannot be used: ${messageOf(err)}`));
  discovery.hurry();
  retention.hurry();
  const accounts = registration === 'off' ? undefined : await openAccounts(dataDir, log);
  const isRegistrationOpen = registration === 'open';
  const app = await createApp({
    config,
    accounts,
    isRegistrationOpen,
    sessions,
    recordings,
    terminals,
    replays,
    tmux,
    registry,
    log,
    token,
    viewToken,
    allowedOrigins,
  });
  const server = stack.use(await listen(app, { host, port }));
  log.info({ url: server.url, socket }, 'service started');
  const owned = stack.move();
  return { url: server.url, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const liveRecording = ({ active, recording }: SessionRecord): string[] => (active && recording ? [recording] : []);

const MEGABYTE = 1024 * 1024;

const limitsOf = ({ tmux_session_service: kept }: Config): RecordingLimits => ({
  maxBytes: kept.recording_mb * MEGABYTE,
  maxTotalBytes: kept.recordings_total_mb * MEGABYTE,
  maxAgeMs: kept.recording_days * DAY_MS,
});

import { AppError } from '@pco/shared/errors';
import type { Logger } from '@pco/shared/log';
import { DAY_MS, iso } from '@pco/shared/time';
import { CommandRefused } from './control-client.ts';
import type { Metrics } from './metrics.ts';
import { resolveCommand, resolveWorkingDirectory } from './new-process.ts';
import type { Recordings } from './recordings.ts';
import { isSessionId, type SessionRecord, SourceName } from './session-record.ts';
import type { SessionStore } from './session-store.ts';
import type { LiveSession, Tmux } from './tmux.ts';
import { createTurns } from './turns.ts';

/** So long after its end a session can still be listed, and its effect is still refused a second session. */
const KEEP_ENDED_MS = 30 * DAY_MS;
const DEFAULT_COLS = 80;
const DEFAULT_ROWS = 24;

/** What a caller asks for; parsed from a request body. */
export interface SessionRequest {
  readonly projectId?: string | null | undefined;
  readonly command?: readonly string[] | undefined;
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly effect?: string | undefined;
  readonly owner?: string | undefined;
  readonly source?: 'web' | 'ssh' | 'automation' | undefined;
  readonly cols?: number | undefined;
  readonly rows?: number | undefined;
}
export interface PutResult {
  readonly session: SessionRecord;
  readonly created: boolean;
}
export interface SessionsOptions {
  readonly tmux: Tmux;
  readonly store: SessionStore;
  readonly recordings: Pick<Recordings, 'begin' | 'abandon'>;
  /** What runs in a session without a command. */
  readonly shell: string;
  /** Where sessions without a working directory start. */
  readonly home: string;
  /** PATH of the sessions. */
  readonly path: string;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly clock?: () => number;
}
export type Sessions = ReturnType<typeof createSessions>;

/** Sessions as callers know them: tmux says what lives, the store remembers the rest. */
export function createSessions(options: SessionsOptions) {
  const { tmux, store, recordings, shell, home, path, metrics, log, clock = Date.now } = options;
  const turns = createTurns();
  const now = () => iso(clock());

  /** The record of a living session; what tmux itself knows of it wins over a record of an earlier namesake. */
  const adopt = async (live: LiveSession): Promise<SessionRecord> => {
    const stored = store.get(live.id);
    if (stored && stored.effect === live.effect) {
      if (stored.state === 'running' && stored.active) return stored;
      const { endedAt: _, ...rest } = stored;
      return kept({ ...rest, active: true, state: 'running', updatedAt: now() });
    }
    const asOf = store.now();
    const cwd = await tmux.workingDirectory(live.id);
    // meanwhile somebody may have registered it, which must not be forgotten again
    const registered = store.hasChangedSince(live.id, asOf) ? store.get(live.id) : undefined;
    if (registered?.state === 'running' && registered.effect === live.effect) return registered;
    const source = SourceName.safeParse(live.source).data ?? 'discovered';
    log.info({ sessionId: live.id, source }, 'session discovered');
    return kept({
      sessionId: live.id,
      projectId: live.projectId,
      command: [shell],
      cwd,
      effect: live.effect,
      owner: live.owner,
      recording: live.recording,
      source,
      createdAt: iso(live.createdAtMs),
      updatedAt: now(),
      active: true,
      state: 'running',
    });
  };

  const kept = (record: SessionRecord): SessionRecord => {
    store.saveSoon(record);
    return record;
  };

  /** Brings the records in line with tmux and gives those of living sessions. */
  const reconcile = async (): Promise<Map<string, SessionRecord>> => {
    const asOf = store.now();
    const live = new Map((await tmux.list()).filter(({ id }) => isSessionId(id)).map((entry) => [entry.id, entry]));
    metrics.sessionsActive.set(live.size);
    for (const record of store.all())
      if (!live.has(record.sessionId) && !store.hasChangedSince(record.sessionId, asOf)) bury(record);
    const records = new Map<string, SessionRecord>();
    for (const entry of live.values()) {
      // A request that works on this session right now writes its record itself.
      const stored = store.get(entry.id);
      const record = stored && turns.isTaken(entry.id) ? stored : await orGone(adopt(entry));
      if (record) records.set(entry.id, { ...record, active: true });
    }
    return records;
  };

  /** What becomes of the record of a session that does not live. */
  const bury = (record: SessionRecord): void => {
    if (record.state === 'running') {
      log.info({ sessionId: record.sessionId }, 'session ended');
      store.saveSoon({ ...record, active: false, state: 'ended', endedAt: now() });
    } else if (clock() - Date.parse(record.endedAt ?? record.updatedAt) > KEEP_ENDED_MS) {
      store.removeSoon(record.sessionId);
    }
  };

  const get = async (id: string): Promise<SessionRecord> => {
    const asOf = store.now();
    const live = await tmux.find(id);
    const record = live && (turns.isTaken(id) ? store.get(id) : await orGone(adopt(live)));
    if (record) return { ...record, active: true };
    const stored = store.get(id);
    if (stored && !store.hasChangedSince(id, asOf)) bury(stored);
    return { ...(store.get(id) ?? missing(id)), active: false };
  };

  /** A session of that name lives: it is the one asked for, or the name is taken. */
  const reuse = async (live: LiveSession, request: SessionRequest): Promise<PutResult | undefined> => {
    const record = await orGone(adopt(live));
    if (!record) return undefined;
    const conflict = (why: string) => new AppError('SESSION_CONFLICT', { sessionId: live.id, why });
    if (request.effect !== undefined && request.effect !== record.effect) throw conflict('it has another effect');
    if (request.projectId && record.projectId && request.projectId !== record.projectId)
      throw conflict('it belongs to another project');
    if (request.owner !== undefined && request.owner !== record.owner) throw conflict('it belongs to somebody else');
    const projectId = record.projectId ?? request.projectId ?? null;
    const source = record.source === 'discovered' ? (request.source ?? record.source) : record.source;
    if (projectId === record.projectId && source === record.source) return { session: record, created: false };
    return { session: kept({ ...record, projectId, source, updatedAt: now() }), created: false };
  };

  const create = async (id: string, request: SessionRequest): Promise<PutResult | undefined> => {
    const env = request.env ?? {};
    const argv = await resolveCommand(request.command ?? [shell], env.PATH ?? path);
    const cwd = await resolveWorkingDirectory(request.cwd ?? home);
    const before = store.get(id);
    const { projectId = null, effect = null, owner = null, source = 'web' } = request;
    const { cols = DEFAULT_COLS, rows = DEFAULT_ROWS } = request;
    const at = now();
    const labels = { projectId, effect, owner, source };
    const recording = await recordings.begin({ sessionId: id, owner, cols, rows, env });
    const record: SessionRecord = {
      sessionId: id,
      ...labels,
      recording: recording?.name ?? null,
      command: [...(request.command ?? [shell])],
      cwd,
      createdAt: at,
      updatedAt: at,
      active: false,
      state: 'creating',
    };
    /** Or may have been made. */
    let isMade = false;
    try {
      await store.save(record);
      if (await tmux.create({ id, argv, cwd, env, cols, rows, recording, ...labels })) isMade = true;
      else return undefined;
    } catch (err) {
      // When no answer came the session may exist all the same: `creating` says so, and a repeat looks.
      if (err instanceof AppError) {
        isMade = true;
        throw err;
      }
      restore(id, before);
      throw err instanceof CommandRefused
        ? new AppError('TMUX_UNAVAILABLE', { why: err.message }, { cause: err })
        : err;
    } finally {
      if (!isMade && recording) await recordings.abandon(recording.name);
    }
    log.info({ sessionId: id, source, projectId }, 'session created');
    return { session: kept({ ...record, active: true, state: 'running' }), created: true };
  };

  const restore = (id: string, before: SessionRecord | undefined): void => {
    if (before) store.saveSoon(before);
    else store.removeSoon(id);
  };

  const put = async (id: string, request: SessionRequest): Promise<PutResult> => {
    for (let attempt = 1; attempt <= 3; attempt++) {
      const live = await tmux.find(id);
      const reused = live && (await reuse(live, request));
      if (reused) return reused;
      const stored = store.get(id);
      if (stored) bury(stored);
      const past = store.get(id);
      const isDone =
        past && past.state !== 'creating' && request.effect !== undefined && past.effect === request.effect;
      if (isDone && request.owner !== undefined && past.owner !== request.owner)
        throw new AppError('SESSION_CONFLICT', { sessionId: id, why: 'it belonged to somebody else' });
      if (isDone) return { session: past, created: false };
      const made = await create(id, request);
      if (made) return made;
      // Somebody else made a session of that name in this very moment, or one ended while we looked: look again.
    }
    throw new AppError('SESSION_CONFLICT', { sessionId: id, why: 'others create and end it all the time' });
  };

  return {
    reconcile,
    get,

    /** Like `get`, but nothing when there is none. */
    find: (id: string): Promise<SessionRecord | undefined> => orGone(get(id)),

    /** All that are known, the oldest first. */
    async list(): Promise<SessionRecord[]> {
      const live = await reconcile();
      const all = store.all().map((record) => live.get(record.sessionId) ?? { ...record, active: false });
      return all.sort(byAge);
    },

    /** Creates the session unless it is there; the same id and effect never make a second one. */
    async put(id: string, request: SessionRequest): Promise<PutResult> {
      try {
        const result = await turns.take(id, () => put(id, request));
        const outcome = result.created ? 'created' : result.session.active ? 'existing' : 'ended';
        metrics.creations.inc({ outcome });
        return result;
      } catch (err) {
        metrics.creations.inc({
          outcome: err instanceof AppError && err.code === 'SESSION_CONFLICT' ? 'conflict' : 'failed',
        });
        throw err;
      }
    },

    remove: (id: string): Promise<void> =>
      turns.take(id, async () => {
        const killed = await tmux.kill(id);
        const forgotten = await store.remove(id);
        if (!killed && !forgotten) missing(id);
        log.info({ sessionId: id, killed }, 'session removed');
      }),

    async keepalive(id: string): Promise<SessionRecord> {
      return kept({ ...(await get(id)), updatedAt: now() });
    },
  };
}

const missing = (id: string): never => {
  throw new AppError('SESSION_NOT_FOUND', { sessionId: id });
};

/** A session may end at any moment; that is no failure of whoever looks at it. */
const orGone = async (record: Promise<SessionRecord>): Promise<SessionRecord | undefined> => {
  try {
    return await record;
  } catch (err) {
    if (err instanceof AppError && err.code === 'SESSION_NOT_FOUND') return undefined;
    throw err;
  }
};

/** By creation; tmux knows whole seconds only, so those of one second come by name. */
const byAge = (a: SessionRecord, b: SessionRecord): number =>
  Date.parse(a.createdAt) - Date.parse(b.createdAt) || (a.sessionId < b.sessionId ? -1 : 1);

import { AppError, messageOf } from '@pco/shared/errors';
import { Agent, request } from 'undici';
import { z } from 'zod';

const SessionRecord = z.object({
  sessionId: z.string(),
  projectId: z.string().nullish(),
  effect: z.string().nullish(),
  source: z.string().nullish(),
  active: z.boolean(),
});
export type SessionRecord = z.output<typeof SessionRecord>;

export interface CreateSession {
  readonly projectId: string;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Same id and same effect is the same session; another effect is a conflict. */
  readonly effect: string;
}

/** The terminal service of this host: the only caller of tmux. */
export interface SessionsClient extends AsyncDisposable {
  /** @throws AppError SESSION_CONFLICT when a session of that name belongs to another effect */
  create(id: string, session: CreateSession): Promise<{ created: boolean; session: SessionRecord }>;
  get(id: string): Promise<SessionRecord | null>;
  list(): Promise<SessionRecord[]>;
  /** Ends the session; gone is success. */
  remove(id: string): Promise<void>;
  screen(id: string): Promise<string>;
  /** Types text into the session and presses Enter. */
  send(id: string, text: string): Promise<void>;
  /** Presses keys by their tmux names. */
  keys(id: string, keys: readonly string[]): Promise<void>;
  /** Starts a program beside the sessions, where they run. */
  runBeside(command: readonly string[]): Promise<void>;
  isHealthy(): Promise<boolean>;
}

const TIMEOUT_MS = 8_000; // below BullMQ's default lock: a call never outlives the job's hold on it

/** @throws AppError SESSIONS_UNREACHABLE from every verb when the service does not answer */
export function createSessionsClient(url: string, token: string | undefined): SessionsClient {
  const dispatcher = new Agent({ keepAliveTimeout: 10_000, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS });
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };

  const call = async (method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: unknown) => {
    try {
      const answer = await request(`${url}${path}`, {
        method,
        dispatcher,
        headers: { ...authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.body.text();
      return { status: answer.statusCode, json: text === '' ? null : (JSON.parse(text) as unknown) };
    } catch (cause) {
      throw new AppError('SESSIONS_UNREACHABLE', { why: `${url} (${messageOf(cause)})` }, { cause });
    }
  };
  const expect = async (method: Parameters<typeof call>[0], path: string, body?: unknown) => {
    const { status, json } = await call(method, path, body);
    if (status < 300) return json;
    const told = z.object({ error: z.string(), code: z.string().optional() }).safeParse(json).data;
    const why = told?.error ?? `status ${status}`;
    if (told?.code === 'DISK_FULL') throw new AppError('DISK_FULL', { why });
    if (status === 404) throw new AppError('SESSION_NOT_FOUND', { why });
    if (status === 409) throw new AppError('SESSION_CONFLICT', { why });
    if (status >= 500) throw new AppError('TMUX_UNAVAILABLE', { why });
    throw new AppError('PAYLOAD_INVALID', { why });
  };
  const at = (id: string): string => `/sessions/${encodeURIComponent(id)}`;

  return {
    async create(id, session) {
      const json = await expect('PUT', at(id), { ...session, source: 'automation' });
      return z.object({ created: z.boolean(), session: SessionRecord }).parse(json);
    },
    async get(id) {
      const { status, json } = await call('GET', at(id));
      return status === 404 ? null : z.object({ session: SessionRecord }).parse(json).session;
    },
    async list() {
      return z.object({ sessions: z.array(SessionRecord) }).parse(await expect('GET', '/sessions')).sessions;
    },
    async remove(id) {
      const { status } = await call('DELETE', at(id));
      if (status >= 300 && status !== 404) throw new AppError('TMUX_UNAVAILABLE', { why: `status ${status}` });
    },
    async screen(id) {
      return z.object({ screen: z.string() }).parse(await expect('GET', `${at(id)}/screen`)).screen;
    },
    async send(id, text) {
      await expect('POST', `${at(id)}/input`, { text, enter: true });
    },
    async keys(id, keys) {
      await expect('POST', `${at(id)}/keys`, { keys });
    },
    async runBeside(command) {
      await expect('POST', '/commands', { command });
    },
    isHealthy: () =>
      call('GET', '/health').then(
        ({ status }) => status === 200,
        () => false,
      ),
    [Symbol.asyncDispose]: () => dispatcher.close(),
  };
}

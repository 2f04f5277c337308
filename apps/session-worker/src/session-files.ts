import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AGENT_MODES, SessionId, TicketId } from '@pco/shared/domain';
import { z } from 'zod';
import { AgentName } from './agent/agent.ts';

/** What this host knows of a session besides its ticket; written before the session is created. */
const SessionMeta = z.object({
  ticketId: TicketId,
  sessionId: SessionId,
  effectId: z.string(),
  repo: z.string(),
  worktree: z.string(),
  branch: z.string(),
  /** Commit from which the branch began; what the agent did is counted from here. */
  base: z.string(),
  /** By this host's clock: it is compared with the times of files here, never with another host's. */
  createdAt: z.number(),
  uptimeMs: z.number().optional(),
  agent: AgentName.default('claude-code'),
  mode: z.enum(AGENT_MODES).default('interactive'),
  /** What the conversation had used already, when it began in an earlier session. */
  before: z.object({ turns: z.number(), tokens: z.number(), cost: z.number() }).optional(),
});
export type SessionMeta = z.output<typeof SessionMeta>;

/**
 * The files of one session, `<data_dir>/sessions/<session id>/`, private to our user:
 * token · meta.json · prompt.md · settings.json · plugin/ by us, before the start;
 * started/ · exit by the launcher; accepted · completed by the agent's hooks and `complete-ticket`; stream.jsonl by
 * what runs an agent headless.
 * They are few, small and local: reading one in place takes microseconds, handing it to a thread ten times as long.
 */
export interface SessionFiles {
  readonly dir: string;
  /** Made on first use and kept, so that a repeated claim carries the same hash. */
  token(): Promise<string>;
  readMeta(): Promise<SessionMeta | null>;
  write(name: string, content: string): Promise<string>;
  writeMeta(meta: SessionMeta): Promise<void>;
  /** The launcher ran, once and for all: this session is never started again. */
  hasStarted(): boolean;
  hasAccepted(): boolean;
  /** Exit code of the agent, once it has ended. */
  exitCode(): Promise<number | null>;
}

export function sessionFiles(root: string, sessionId: string): SessionFiles {
  const dir = join(root, SessionId.parse(sessionId));
  const write = async (name: string, content: string): Promise<string> => {
    const path = join(dir, name);
    const folder = join(path, '..');
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
    const temporary = `${path}.${crypto.randomUUID()}`;
    try {
      writeFileSync(temporary, content, { mode: 0o600 });
      renameSync(temporary, path);
    } catch (err) {
      rmSync(temporary, { force: true }); // on a full disk it would only take more of it
      throw err;
    }
    return path;
  };
  return {
    dir,
    write,
    async token() {
      const known = readText(join(dir, 'token'));
      if (known) return known;
      const token = randomBytes(24).toString('base64url');
      await write('token', token);
      return token;
    },
    async readMeta() {
      const text = readText(join(dir, 'meta.json'));
      if (text === '') return null;
      try {
        return SessionMeta.safeParse(JSON.parse(text)).data ?? null;
      } catch {
        return null; // a file that somebody else wrote is no evidence
      }
    },
    writeMeta: async (meta) => void (await write('meta.json', JSON.stringify(meta))),
    hasStarted: () => existsSync(join(dir, 'started')),
    hasAccepted: () => existsSync(join(dir, 'accepted')),
    async exitCode() {
      const text = readText(join(dir, 'exit'));
      return /^\d+$/.test(text.trim()) ? Number(text.trim()) : null;
    },
  };
}

/** @returns "" for a file that is not there or cannot be read */
function readText(path: string): string {
  if (!existsSync(path)) return ''; // an error with its stack costs more than this look
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

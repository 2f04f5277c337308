import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, messageOf } from '@pco/shared/errors';
import type { Logger } from '@pco/shared/log';
import { DAY_MS, MINUTE_MS } from '@pco/shared/time';
import { z } from 'zod';
import { hashPassword, isPassword } from './password.ts';
import { createThrottle } from './throttle.ts';
import { createTurns } from './turns.ts';
import { writeAtomically } from './write-atomically.ts';

const TOKEN_LIFE_MS = 30 * DAY_MS;
const LOGIN_ATTEMPTS = 5;
/** Compared with where there is no such user, so that the time does not tell. */
const NOBODY = hashPassword(randomUUID());

export const Project = z.looseObject({ id: z.string().min(1).max(256), name: z.string().max(256).optional() });
const User = z.object({
  id: z.string(),
  username: z.string(),
  passwordHash: z.string(),
  projects: z.array(Project).default([]),
  /** Counts replacements of the projects, so that two browsers do not undo each other's (B-149). */
  projectsVersion: z.int().default(1),
  tokens: z.array(z.object({ hash: z.string(), expiresAtMs: z.number() })).default([]),
});
type User = z.output<typeof User>;
export type Account = Pick<User, 'id' | 'username' | 'projects' | 'projectsVersion'>;
export type Accounts = Awaited<ReturnType<typeof openAccounts>>;

/** People who log in with a name and a password; in memory and in `users.json` (B-165). */
export async function openAccounts(dataDir: string, log: Logger, clock: () => number = Date.now) {
  const file = join(dataDir, 'users.json');
  const users = await load(file, log);
  const turns = createTurns();
  const throttle = createThrottle({ attempts: LOGIN_ATTEMPTS, windowMs: MINUTE_MS, clock });
  const named = (username: string): User | undefined => [...users.values()].find((user) => user.username === username);

  const issue = (user: User): string => {
    const token = randomBytes(32).toString('base64url');
    user.tokens = user.tokens.filter(({ expiresAtMs }) => expiresAtMs > clock());
    user.tokens.push({ hash: sha256(token), expiresAtMs: clock() + TOKEN_LIFE_MS });
    return token;
  };
  /** One change at a time, each on disk before anybody hears of it. */
  const change = <Result>(work: () => Promise<Result>): Promise<Result> =>
    turns.take('users', async () => {
      const result = await work();
      await writeAtomically(file, JSON.stringify(Object.fromEntries(users), null, 1));
      return result;
    });

  return {
    /** @throws AppError ACCOUNT_EXISTS */
    register: (username: string, password: string) =>
      change(async () => {
        if (named(username)) throw new AppError('ACCOUNT_EXISTS');
        const projects = [{ id: 'shell-workspace', name: 'Shell Workspace' }]; // B-168
        const passwordHash = await hashPassword(password);
        const user: User = { id: randomUUID(), username, passwordHash, projects, projectsVersion: 1, tokens: [] };
        users.set(user.id, user);
        return { token: issue(user), account: user as Account };
      }),

    /** @throws AppError LOGIN_REFUSED, LOGIN_THROTTLED */
    async login(username: string, password: string) {
      if (throttle.isRefused(username)) throw new AppError('LOGIN_THROTTLED');
      const user = named(username);
      if (!(await isPassword(password, user?.passwordHash ?? (await NOBODY))) || !user) {
        throttle.fail(username);
        throw new AppError('LOGIN_REFUSED');
      }
      throttle.succeed(username);
      return change(async () => ({ token: issue(user), account: user as Account }));
    },

    logout: (token: string): Promise<void> =>
      change(async () => {
        for (const user of users.values()) user.tokens = user.tokens.filter(({ hash }) => hash !== sha256(token));
      }),

    byToken(token: string): Account | undefined {
      const hash = sha256(token);
      return [...users.values()].find(({ tokens }) =>
        tokens.some((each) => each.hash === hash && each.expiresAtMs > clock()),
      );
    },

    /** @throws AppError PROJECTS_CHANGED when somebody replaced them since `version` */
    replaceProjects: (id: string, projects: Account['projects'], version: number | undefined): Promise<Account> =>
      change(async () => {
        const user = users.get(id);
        if (!user) throw new AppError('UNAUTHORIZED');
        if (version !== undefined && version !== user.projectsVersion) throw new AppError('PROJECTS_CHANGED');
        user.projects = projects;
        user.projectsVersion++;
        return user;
      }),
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64');

/** A file that cannot be read is moved aside: what people set up is never written over. */
async function load(file: string, log: Logger): Promise<Map<string, User>> {
  const text = await readFile(file, 'utf8').catch((err: NodeJS.ErrnoException) => {
    if (err.code === 'ENOENT') return '{}';
    throw err;
  });
  try {
    return new Map(Object.entries(z.record(z.string(), User).parse(JSON.parse(text))));
  } catch (err) {
    const movedTo = `${file}.bad-${new Date().toISOString().replaceAll(':', '-')}`;
    await rename(file, movedTo);
    log.warn({ movedTo, fault: messageOf(err) }, 'stored accounts are damaged');
    return new Map();
  }
}

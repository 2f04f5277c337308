import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { Role } from '../contracts/http/route.ts';
import type { RedisHandle } from './connect.ts';
import { sha256 } from './token-store.ts';

/** Who is behind a cookie: it holds as long as the token that it was given for. */
const Login = z.object({
  /** `local`, `config:<name>` or `token:<id>`. */
  source: z.string(),
  name: z.string(),
  role: Role,
  expiresAt: z.number(),
});
export type Login = z.output<typeof Login>;
type Who = Pick<Login, 'source' | 'name' | 'role'>;

/** 256 random bits; Redis knows only its hash, so that whoever reads Redis cannot log in. */
const randomSecret = (): string => randomBytes(32).toString('base64url');

/** Browsers that are logged in, and links that log in once. Both end by themselves. */
export const createLoginStore = ({ client, keys }: RedisHandle) => {
  const parse = (json: string | null): Login | null => (json === null ? null : Login.parse(JSON.parse(json)));
  const write = async (key: string, who: Who, lifeMs: number): Promise<Login> => {
    const login: Login = { ...who, expiresAt: Date.now() + lifeMs };
    await client.set(key, JSON.stringify(login), 'PX', lifeMs);
    return login;
  };
  return {
    async begin({ source, name, role }: Who, lifeMs: number): Promise<Login & { secret: string }> {
      const secret = randomSecret();
      return { ...(await write(keys.login(sha256(secret)), { source, name, role }, lifeMs)), secret };
    },
    find: async (secret: string): Promise<Login | null> => parse(await client.get(keys.login(sha256(secret)))),
    async end(secret: string): Promise<void> {
      await client.unlink(keys.login(sha256(secret)));
    },
    async createLink({ source, name, role }: Who, lifeMs: number): Promise<Login & { code: string }> {
      const code = randomSecret();
      return { ...(await write(keys.loginLink(sha256(code)), { source, name, role }, lifeMs)), code };
    },
    /** Of two who use it at the same instant one is let in. */
    useLink: async (code: string): Promise<Login | null> => parse(await client.getdel(keys.loginLink(sha256(code)))),
  };
};
export type LoginStore = ReturnType<typeof createLoginStore>;

import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { freePortNear } from './ports.ts';
import { type Identity, identityOf } from './process-identity.ts';

const BASE_SETTINGS = resolve(import.meta.dirname, '../../../infra/redis/redis.conf');
const Running = z.object({ pid: z.int().positive(), started: z.string() });

/** What a private Redis keeps in `<data_dir>/redis` besides its append-only file. */
export interface RedisFolder {
  readonly dir: string;
  readonly password: string;
  /** A name for its container that no other data folder has. */
  readonly container: string;
  readonly configFile: string;
  /** The port of last time, if there was one. */
  lastPort(): number | undefined;
  /** Last time's port if it is free, else another; remembered. */
  choosePort(): Promise<number>;
  writeConfig(settings: Readonly<Record<string, string>>): void;
  running(): Identity | undefined;
  noteRunning(pid: number | undefined): void;
}

export function openRedisFolder(dataDir: string): RedisFolder {
  const dir = join(dataDir, 'redis');
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o700);
  const file = (name: string) => join(dir, name);
  const lastPort = () =>
    existsSync(file('port')) ? Number(readFileSync(file('port'), 'utf8')) || undefined : undefined;
  return {
    dir,
    password: readPassword(file('password')),
    container: `pco-redis-${createHash('sha256').update(dir).digest('hex').slice(0, 12)}`,
    configFile: file('redis.conf'),
    lastPort,
    async choosePort() {
      const port = await freePortNear(lastPort() ?? 0, new Set());
      writeFileSync(file('port'), `${port}\n`);
      return port;
    },
    writeConfig(settings) {
      const lines = Object.entries(settings).map(([name, value]) => `${name} "${value.replaceAll('"', '\\"')}"`);
      const text = `${readFileSync(BASE_SETTINGS, 'utf8')}\n# --- this data folder ---\n${lines.join('\n')}\n`;
      writeFileSync(file('redis.conf'), text, { mode: 0o600 });
    },
    running() {
      try {
        return Running.parse(JSON.parse(readFileSync(file('running.json'), 'utf8')));
      } catch {
        return undefined; // none was started, or it ended in order
      }
    },
    noteRunning(pid) {
      const identity = pid === undefined ? undefined : identityOf(pid);
      if (identity) writeFileSync(file('running.json'), JSON.stringify(identity));
      else rmSync(file('running.json'), { force: true });
    },
  };
}

/** Hexadecimal, so that it needs no quoting in a URL, a configuration file or on the wire. */
function readPassword(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600 });
  chmodSync(file, 0o600);
  return readFileSync(file, 'utf8').trim();
}

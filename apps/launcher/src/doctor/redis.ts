import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bad, checkRedisServers, type Finding, ok } from '@pco/shared/checks';
import type { Config } from '@pco/shared/config';
import { messageOf } from '@pco/shared/errors';
import { createLogger } from '@pco/shared/log';
import { connectRedis, keyOfPlace, namesRedis, type RedisSettings } from '@pco/shared/redis';
import { findRedisProgram } from '../redis.ts';
import { openRedisFolder } from '../redis-folder.ts';
import { knock } from '../redis-wire.ts';

const WHAT = 'Redis';

export async function checkRedis(config: Config): Promise<Finding[]> {
  if (namesRedis(config.redis)) return await checkServers(config.redis);
  if (!existsSync(join(config.data_dir, 'redis/port'))) return [await checkProgram()];
  const folder = openRedisFolder(config.data_dir);
  const port = folder.lastPort();
  if (port !== undefined && (await knock(port, folder.password)) === 'ours')
    return await checkServers({ ...config.redis, url: `redis://:${folder.password}@127.0.0.1:${port}` });
  return [await checkProgram()];
}

export async function checkProgram(): Promise<Finding> {
  const program = await findRedisProgram();
  if (!program) {
    const mend = 'npm start offers to install one; or start Docker, or set redis.url';
    return bad(WHAT, 'no redis.url, and neither redis-server >= 6.2 nor Docker here', mend);
  }
  return ok(WHAT, `npm start runs a private one (${program.kind === 'server' ? program.path : 'in Docker'})`);
}

/** Version and policy are checked by the connection itself. */
async function checkServers(settings: RedisSettings): Promise<Finding[]> {
  try {
    await using redis = await connectRedis({ ...settings, patience: 'fail' }, createLogger('doctor', 'silent'));
    return await checkRedisServers(redis, settings);
  } catch (err) {
    return [bad(WHAT, messageOf(err), `start it, or correct ${keyOfPlace(settings)}`)];
  }
}

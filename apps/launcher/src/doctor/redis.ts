import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bad, type Finding, judgeRedis, ok } from '@pco/shared/checks';
import type { Config } from '@pco/shared/config';
import { messageOf } from '@pco/shared/errors';
import { createLogger } from '@pco/shared/log';
import { connectRedis } from '@pco/shared/redis';
import { findRedisProgram } from '../redis.ts';
import { openRedisFolder } from '../redis-folder.ts';
import { knock } from '../redis-wire.ts';

const WHAT = 'Redis';

export async function checkRedis(config: Config): Promise<Finding[]> {
  if (config.redis.url !== undefined) return await checkServer(config.redis.url, config.redis.prefix);
  if (!existsSync(join(config.data_dir, 'redis/port'))) return [await checkProgram()];
  const folder = openRedisFolder(config.data_dir);
  const port = folder.lastPort();
  if (port !== undefined && (await knock(port, folder.password)) === 'ours')
    return await checkServer(`redis://:${folder.password}@127.0.0.1:${port}`, config.redis.prefix);
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
async function checkServer(url: string, prefix: string): Promise<Finding[]> {
  try {
    await using redis = await connectRedis({ url, prefix, patience: 'fail' }, createLogger('doctor', 'silent'));
    return judgeRedis(await redis.client.info(), new URL(url).host);
  } catch (err) {
    return [bad(WHAT, messageOf(err), 'start it, or correct redis.url (PCO_REDIS_URL)')];
  }
}

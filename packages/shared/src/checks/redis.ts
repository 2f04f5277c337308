import { messageOf } from '../errors.ts';
import {
  checkServer,
  infoField,
  type RedisHandle,
  type RedisSettings,
  readServers,
  replicasToWaitFor,
  type ServerFacts,
} from '../redis/index.ts';
import { bad, type Finding, ok, warn } from './finding.ts';

const WHAT = 'Redis';

/** Every master and every replica: each may be the one that holds the tickets tomorrow. */
export async function checkRedisServers(redis: RedisHandle, settings: RedisSettings): Promise<Finding[]> {
  const wanted = replicasToWaitFor(settings);
  return (await readServers(redis)).flatMap((server) => judgeServer(server, wanted));
}

/** Version, policy, durability and replicas of a server. */
export function judgeServer({ address, role, info, replicas }: ServerFacts, wanted: number): Finding[] {
  const name = role === 'master' ? address : `replica ${address}`;
  if (info === null) return [bad(WHAT, `${name} does not answer`, 'start it, and see its own log')];
  const version = `${infoField(info, 'redis_version') ?? '?'} at ${name}`;
  try {
    checkServer(info);
  } catch (err) {
    return [bad(WHAT, `${version}: ${messageOf(err)}`, 'mend it and start again: no service starts with it')];
  }
  const isKept = infoField(info, 'aof_enabled') === '1';
  const mend = 'run: redis-cli config set appendonly yes (and config rewrite); without it a crash loses tickets';
  return [
    ok(WHAT, `${version}, noeviction`),
    isKept ? ok(WHAT, 'append-only file on') : warn(WHAT, 'append-only file off', mend),
    ...(role === 'master' && wanted > 0 ? [judgeReplicas(replicas, wanted)] : []),
  ];
}

function judgeReplicas(replicas: number, wanted: number): Finding {
  const detail = `${replicas} of at least ${wanted} replicas follow`;
  if (replicas > wanted) return ok(WHAT, detail);
  if (replicas === wanted)
    return warn(WHAT, detail, 'one more, so that work goes on while one of them is away, as after every failover');
  return bad(WHAT, detail, 'start them, or lower redis.wait_replicas: nothing is decided until so many follow');
}

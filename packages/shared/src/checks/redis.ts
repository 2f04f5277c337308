import { messageOf } from '../errors.ts';
import {
  checkServer,
  infoField,
  type RedisHandle,
  type RedisSettings,
  readSentinels,
  readServers,
  replicasToWaitFor,
  type SentinelFacts,
  type ServerFacts,
} from '../redis/index.ts';
import { bad, type Finding, ok, warn } from './finding.ts';

const WHAT = 'Redis';

/** Every master and every replica: each may be the one that holds the tickets tomorrow. */
export async function checkRedisServers(redis: RedisHandle, settings: RedisSettings): Promise<Finding[]> {
  const wanted = replicasToWaitFor(settings);
  const [servers, sentinels] = await Promise.all([readServers(redis), readSentinels(settings)]);
  return [...servers.flatMap((server) => judgeServer(server, wanted)), ...sentinels.map(judgeSentinel)];
}

/** Whether another master would be chosen if this one died now. */
export function judgeSentinel({ address, quorum, why }: SentinelFacts): Finding {
  const name = `sentinel ${address}`;
  if (quorum === null)
    return warn(
      WHAT,
      `${name} does not answer: ${why}`,
      'start it, or correct redis.sentinels and its password; most must be there',
    );
  if (quorum.startsWith('OK') && why !== undefined)
    return warn(
      WHAT,
      `${name} does not say which replicas could become master: ${why}`,
      'allow redis.sentinel_username the commands of SENTINEL; until then decisions wait for redis.wait_replicas alone',
    );
  if (quorum.startsWith('OK')) return ok(WHAT, `${name}: ${quorum}`);
  const mend = 'start the sentinels that are away; if all are there, compare redis.sentinel_master and their own logs';
  return bad(WHAT, `${name} could not replace a master that dies: ${quorum}`, mend);
}

/** Version, policy, durability and replicas of a server. */
export function judgeServer({ address, role, info, fsync, replicas }: ServerFacts, wanted: number): Finding[] {
  const name = role === 'master' ? address : `replica ${address}`;
  if (info === null) return [bad(WHAT, `${name} does not answer`, 'start it, and see its own log')];
  const version = `${infoField(info, 'redis_version') ?? '?'} at ${name}`;
  try {
    checkServer(info);
  } catch (err) {
    return [bad(WHAT, `${version}: ${messageOf(err)}`, 'mend it and start again: no service starts with it')];
  }
  return [
    ok(WHAT, `${version}, noeviction`),
    judgeFile(infoField(info, 'aof_enabled') === '1', fsync),
    ...(role === 'master' && wanted > 0 ? [judgeReplicas(replicas, wanted)] : []),
  ];
}

/** @param fsync `appendfsync`; null when unknown */
function judgeFile(isOn: boolean, fsync: string | null): Finding {
  if (!isOn) {
    const mend = 'run: redis-cli config set appendonly yes (and config rewrite); without it a crash loses tickets';
    return warn(WHAT, 'append-only file off', mend);
  }
  if (fsync === 'always') return ok(WHAT, 'append-only file on, on the disk before an answer');
  if (fsync === null) return ok(WHAT, 'append-only file on; whether it is on the disk before an answer is not told');
  const mend =
    'run: redis-cli config set appendfsync always (and config rewrite); without it a crash may lose approvals';
  return warn(WHAT, `append-only file on, but written up to two seconds after an answer (appendfsync ${fsync})`, mend);
}

function judgeReplicas(replicas: number, wanted: number): Finding {
  const detail = `${replicas} of at least ${wanted} replicas follow`;
  if (replicas > wanted) return ok(WHAT, detail);
  if (replicas === wanted)
    return warn(WHAT, detail, 'one more, so that work goes on while one of them is away, as after every failover');
  return bad(WHAT, detail, 'start them, or lower redis.wait_replicas: nothing is decided until so many follow');
}

/**
 * The replicas that a master says it has, `host:port`.
 *
 * @param replication what `INFO replication` answers
 * @param maxLag so many seconds ago each of them has said at least what it has; they do so every second
 */
export const replicasIn = (replication: string, maxLag = Number.POSITIVE_INFINITY): string[] =>
  [...replication.matchAll(/^slave\d+:ip=([^,]+),port=(\d+),state=online,offset=\d+,lag=(\d+)/gm)].flatMap(
    ([, host, port, lag]) => (Number(lag) <= maxLag ? [`${host}:${port}`] : []),
  );

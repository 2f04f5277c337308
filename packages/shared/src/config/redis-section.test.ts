import { describe, expect, test } from 'vitest';
import { ConfigSchema } from './index.ts';
import { unreadableAuthorities } from './redis-section.ts';

const faultsOf = (redis: Record<string, unknown>): string[] => {
  const { error } = ConfigSchema.shape.redis.safeParse(redis);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
};

describe('what names one place is taken', () => {
  test.each([
    ['nothing: npm start runs a private one', {}],
    ['a URL', { url: 'redis://:secret@10.0.0.1:6379/0' }],
    ['a URL with TLS', { url: 'rediss://10.0.0.1:6379', ca_file: 'ca.pem' }],
    ['a URL of a master with a replica', { url: 'redis://10.0.0.1:6379', wait_replicas: 1 }],
    ['sentinels', { sentinels: ['10.0.0.1:26379', '[::1]:26379'], sentinel_master: 'tickets', password: 'a' }],
    [
      'sentinels with TLS',
      { sentinels: ['sentinel.example.com:26379'], sentinel_password: 'b', tls: true, ca_file: 'a' },
    ],
    ['a cluster', { cluster: ['10.0.0.1:6379'], username: 'pco', password: 'a', tls: true, wait_replicas: '2' }],
  ])('%s', (_, redis) => {
    expect(faultsOf(redis)).toEqual([]);
  });
});

describe('what cannot be meant is named with its key', () => {
  const [sentinels, cluster] = [['10.0.0.1:26379'], ['10.0.0.1:6379']];
  test.each([
    [{ url: 'redis://a:1', sentinels }, ['sentinels: set only one of url, sentinels and cluster, not also url']],
    [{ sentinels, cluster }, ['cluster: set only one of url, sentinels and cluster, not also sentinels']],
    [{ sentinels: ['10.0.0.1'] }, ['sentinels.0: must be host:port']],
    [{ cluster: ['redis://10.0.0.1:6379'] }, ['cluster.0: must be host:port']],
    [{ cluster: [] }, ['cluster: name at least one, or leave the line out']],
    [{ cluster, sentinel_master: 'tickets' }, ['sentinel_master: only together with redis.sentinels']],
    [{ url: 'redis://a:1', password: 'x' }, ['password: belongs into redis.url: redis://name:password@host:port']],
    [{ url: 'redis://a:1', tls: true }, ['tls: with a URL write rediss:// instead']],
    [{ cluster, ca_file: 'ca.pem' }, ['ca_file: only with TLS: set redis.tls, or write rediss:// in redis.url']],
  ])('%o', (redis, faults) => {
    expect(faultsOf(redis)).toEqual(faults);
  });
});

test('an authority that cannot be read is a fault of the configuration, not of the first connection', () => {
  expect(unreadableAuthorities('missing.pem', '/nowhere')).toEqual([
    'redis.ca_file: /nowhere/missing.pem cannot be read',
  ]);
  expect(unreadableAuthorities(import.meta.filename, '/')).toEqual([]);
  expect(unreadableAuthorities(undefined, '/')).toEqual([]);
});

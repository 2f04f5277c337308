import { type AddressInfo, createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { eventually } from '@pco/shared/testing';
import { expect, onTestFinished, test } from 'vitest';
import { type LookFixture, lookFixture } from './testing/look-fixture.ts';
import { UNTRUSTED } from './testing/untrusted-certificate.ts';

const NOW = { bumpDelayMs: 0 };
const LISTS = { pathPattern: '/work-items/\\?', times: 3 }; // a read is repeated twice

type Trouble = readonly [string, (p: LookFixture) => void, (p: LookFixture) => void, RegExp];
const TROUBLES: readonly Trouble[] = [
  [
    'a token that was revoked',
    (p) => p.emulator.setKeyActive(false),
    (p) => p.emulator.setKeyActive(true),
    /unknown, revoked or expired: create a new one .* set it as plane\.api_token/,
  ],
  [
    'an account that is no member',
    (p) => p.emulator.setRole('ACME', null),
    (p) => p.emulator.setRole('ACME', 15),
    /check plane\.workspace_slug and plane\.project_ids/,
  ],
  [
    'a web page',
    (p) => p.emulator.fault({ kind: 'not-json', ...LISTS }),
    (p) => p.emulator.clearFaults(),
    /a web page instead of JSON: is plane\.api_url/,
  ],
  [
    'JSON that was cut',
    (p) => p.emulator.fault({ kind: 'truncated', ...LISTS }),
    (p) => p.emulator.clearFaults(),
    /JSON that ends in the middle: .*plane\.api_url/,
  ],
  [
    'a server error',
    (p) => p.emulator.fault({ kind: 'status', status: 502, ...LISTS, times: 9 }),
    (p) => p.emulator.clearFaults(),
    /server error/,
  ],
];

test.each(TROUBLES)('%s is one line that says what to do, and is got over', async (_what, begin, end, why) => {
  await using p = await lookFixture({ settings: NOW });
  begin(p);
  await p.poll();
  await p.poll();
  expect(p.lines('poll.failed')).toHaveLength(1);
  expect(p.lines('poll.failed')[0]).toMatch(why);
  const { failures, error } = await p.health();
  expect(failures).toBe('2');
  expect(error).toMatch(why);
  expect(error).not.toMatch(/\n/);
  end(p);
  const { key } = p.newItem();
  await p.poll();
  expect(await p.status(key)).toBe('pending');
  expect(await p.health()).toMatchObject({ failures: '0', error: '', items: '1' });
});

test('a wrong workspace and an unknown project name the setting, and hide no other project', async () => {
  const unknown = '00000000-0000-4000-8000-000000000000';
  await using p = await lookFixture({ settings: NOW, config: { projects: { [unknown]: {}, NOWHERE: {} } } });
  const { client, keys } = p.core.redis;
  const errorOf = (id: string) => client.hget(keys.pollHealth(id), 'error');
  await eventually(() => errorOf(unknown)).toMatch(/no project of that id: check plane\.project_ids/);
  await eventually(() => errorOf('NOWHERE')).toMatch(/correct the key under projects/);
  expect(await client.smembers(keys.projects)).toEqual(expect.arrayContaining([p.projectId, unknown, 'NOWHERE']));
  const { key } = p.newItem();
  await p.poll();
  expect(await p.status(key)).toBe('pending');
  await using wrong = await lookFixture({ config: { plane: { workspace_slug: 'elsewhere' } }, baseline: false });
  await eventually(async () => (await wrong.health()).error).toMatch(/check plane\.workspace_slug/);
});

test('a row that cannot be read hides no other, and is read as soon as it can be', async () => {
  await using p = await lookFixture({ settings: NOW });
  const [bad, good] = [p.newItem('bad'), p.newItem('good')];
  p.emulator.fault({ kind: 'not-json', pathPattern: `/${bad.id}/comments/`, times: 1 });
  await p.poll();
  expect([await p.status(bad.key), await p.status(good.key)]).toEqual([null, 'pending']);
  expect((await p.health()).failures).toBe('1');
  await p.poll();
  expect(await p.status(bad.key)).toBe('pending');
});

test('what does not speak TLS, or nobody at all, names the address; the process stays up', async () => {
  const plain = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n').on('error', () => undefined));
  await new Promise<void>((resolve) => void plain.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void plain.close());
  const { port } = plain.address() as AddressInfo; // it listens on a port
  const at = (api_url: string) => lookFixture({ config: { plane: { api_url } }, baseline: false });
  await using tls = await at(`https://127.0.0.1:${port}/api/v1`);
  await eventually(async () => (await tls.health()).error).toMatch(/no safe connection .* plane\.api_url/);
  await using nobody = await at('http://127.0.0.1:9/api/v1');
  await eventually(async () => (await nobody.health()).error).toMatch(
    /ECONNREFUSED: is Plane up, and is plane\.api_url/,
  );
  expect((await fetch(`${nobody.url}/readyz`)).status).toBe(200);
});

test('a certificate that nobody vouches for is named, with what to do', async () => {
  const server = createTlsServer(UNTRUSTED, (socket) => socket.on('error', () => undefined));
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo; // it listens on a port
  const api_url = `https://127.0.0.1:${port}/api/v1`;
  await using p = await lookFixture({ config: { plane: { api_url } }, baseline: false });
  await eventually(async () => (await p.health()).error).toMatch(
    /no safe connection \(DEPTH_ZERO_SELF_SIGNED_CERT\): .*NODE_EXTRA_CA_CERTS.*plane\.api_url/,
  );
  expect((await fetch(`${p.url}/readyz`)).status).toBe(200);
});

test('a Plane that hangs is waited for half a minute, named, and got over; other work goes on meanwhile', async () => {
  await using p = await lookFixture({ settings: NOW });
  p.emulator.fault({ kind: 'hang', ...LISTS, times: 'always', ms: 120_000 });
  await p.core.queues.hint('plane-read', 'poll', { projectId: p.projectId }, `poll-${p.projectId}`);
  await eventually(() => p.emulator.countRequests({ pathPattern: LISTS.pathPattern })).toBe(1);
  expect((await fetch(`${p.url}/readyz`)).status).toBe(200);
  const error = async () => (await p.health()).error;
  await expect.poll(error, { timeout: 45_000 }).toMatch(/no answer within the time limit.*plane\.api_url/);
  await eventually(async () => p.lines('poll.failed').length).toBe(1); // said once it is noted
  p.emulator.clearFaults();
  const { key } = p.newItem();
  await p.poll();
  expect(await p.status(key)).toBe('pending');
}, 90_000);

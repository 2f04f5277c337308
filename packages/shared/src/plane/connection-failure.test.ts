import { expect, test } from 'vitest';
import { unreachable } from './connection-failure.ts';

const failed = (code: string) => Object.assign(new Error('fetch failed'), { code });

test.each([
  ['ECONNREFUSED', /ECONNREFUSED: is Plane up, and is plane\.api_url its address\?/, false],
  ['ENOTFOUND', /ENOTFOUND: is Plane up/, false],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', /NODE_EXTRA_CA_CERTS, or correct plane\.api_url/, false],
  ['CERT_HAS_EXPIRED', /no safe connection \(CERT_HAS_EXPIRED\)/, false],
  ['ERR_TLS_CERT_ALTNAME_INVALID', /no safe connection/, false],
  ['ERR_SSL_WRONG_VERSION_NUMBER', /no safe connection/, false],
  ['UND_ERR_SOCKET', /the connection was cut \(UND_ERR_SOCKET\)/, true],
])('%s says what to look at, and whether Plane may have acted', (code, message, lostAnswer) => {
  const err = unreachable('poll', undefined, failed(code));
  expect(err).toMatchObject({ code: 'PLANE_UNREACHABLE', details: { lostAnswer, timedOut: false } });
  expect(err.message).toMatch(message);
});

test('a code is found below what wraps it', () => {
  const err = unreachable('poll', undefined, new Error('outer', { cause: failed('ECONNREFUSED') }));
  expect(err.details.lostAnswer).toBe(false);
});

test('a time limit names itself', () => {
  const err = unreachable('poll', 30_000, new Error('aborted'));
  expect(err.details.timedOut).toBe(true);
  expect(err.message).toMatch(/time limit of 30 s: .*plane\.api_url/);
});

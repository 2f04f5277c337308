import { expect, test } from 'vitest';
import { isRetryable } from '../errors.ts';
import { failureOf, type PlaneAnswer, whyNotJson } from './failure.ts';

const answer = (status: number, body: unknown, more: Partial<PlaneAnswer> = {}): PlaneAnswer => ({
  status,
  body,
  retryAfter: undefined,
  location: undefined,
  ...more,
});
const failure = (...given: Parameters<typeof answer>) => failureOf('get_work_item', answer(...given));

test.each([
  [401, { detail: 'Authentication credentials were not provided.' }, 'PLANE_UNAUTHORIZED', /no API token arrived/],
  [403, { detail: 'Given API token is not valid' }, 'PLANE_UNAUTHORIZED', /unknown, revoked or expired/],
  [403, { detail: 'You do not have permission to perform this action.' }, 'PLANE_UNAUTHORIZED', /role Member/],
  [404, { error: 'The requested resource does not exist.' }, 'PLANE_NOT_FOUND', /does not have that object/],
  [404, { error: 'Page not found.' }, 'PLANE_REFUSED', /api_url/],
  [404, '<html>nginx</html>', 'PLANE_BAD_ANSWER', /not come from Plane/],
  [400, { name: ['This field is required.'] }, 'PLANE_REFUSED', /This field is required/],
  [409, { error: 'taken', id: 'x' }, 'PLANE_CONFLICT', /taken/],
  [301, '', 'PLANE_REFUSED', /redirects/],
  [503, '<html>down</html>', 'PLANE_SERVER_ERROR', /down/],
])('%i %j is %s', (status, body, code, message) => {
  expect(failure(status, body)).toMatchObject({ code, message: expect.stringMatching(message) });
});

test('a 429 waits as long as Plane says and one second more', () => {
  expect(failure(429, {}, { retryAfter: '7' }).details).toMatchObject({ retryAfterMs: 8_000 });
});

test('a 429 without a usable header waits for a whole window', () => {
  expect(failure(429, {}, { retryAfter: 'soon' }).details).toMatchObject({ retryAfterMs: 61_000 });
});

test('a long answer is shortened', () => {
  expect(failure(400, 'x'.repeat(10_000)).message.length).toBeLessThan(400);
});

test('a 404 of a proxy is tried again, one of Plane is not', () => {
  expect(isRetryable(failure(404, 'no upstream'))).toBe(true);
  expect(isRetryable(failure(404, { error: 'The requested resource does not exist.' }))).toBe(false);
});

test.each([
  ['<!doctype html><title>Sign in</title>', /a web page instead of JSON: is plane\.api_url/],
  ['{"results":[{"id":"a"', /JSON that ends in the middle: .*plane\.api_url/],
  ['hello', /not JSON: is plane\.api_url/],
])('a body that is not JSON says what it most likely means: %s', (body, why) => {
  expect(whyNotJson({ status: 200, body, retryAfter: undefined, location: undefined })).toMatch(why);
  expect(failure(404, body)).toMatchObject({ code: 'PLANE_BAD_ANSWER', message: expect.stringMatching(why) });
});

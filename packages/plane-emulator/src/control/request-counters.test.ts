import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRequestCounters } from './request-counters.ts';
import { routeKind } from './route-kind.ts';

const ID = '0a1b2c3d-0000-4000-8000-0123456789ab';
const P = `/api/v1/workspaces/demo/projects/${ID}`;

test.each([
  ['GET', '/api/v1/users/me/', 'GET users/me/'],
  ['GET', `${P}/work-items/?order_by=-updated_at`, 'GET projects/:id/work-items/'],
  ['GET', `${P}/issues/${ID}/`, 'GET projects/:id/work-items/:id/'],
  ['POST', `${P}/work-items/${ID}/comments/`, 'POST projects/:id/work-items/:id/comments/'],
  ['GET', '/api/v1/workspaces/demo/work-items/ACME-1/', 'GET work-items/:key/'],
  ['GET', '/api/v1/workspaces/demo/work-items/search/?search=a-b', 'GET work-items/search/'],
  ['GET', `${P}/work-items/anything-else`, 'other'],
  ['GET', '/elsewhere', 'other'],
])('%s %s is of the kind %s', (method, url, kind) => {
  expect(routeKind(method, url)).toBe(kind);
});

test('counts are by kind, by answer and by user', () => {
  const counters = createRequestCounters(() => 0);
  counters.begin('bot');
  counters.end('GET', '/api/v1/users/me/', 200);
  counters.begin('bot');
  counters.end('GET', '/api/v1/users/me/', null);
  counters.begin(null);
  counters.end('GET', '/api/v1/users/me/', 401);
  expect(counters.read(1)).toEqual({
    total: 3,
    byRoute: { 'GET users/me/': { 200: 1, none: 1, 401: 1 } },
    byUser: { bot: { total: 2, busiest: 2 } },
  });
  counters.clear();
  expect(counters.read(1)).toEqual({ total: 0, byRoute: {}, byUser: {} });
});

test('the busiest window is the fullest of all that end with a request', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 1, max: 100 }), (steps, windowMs) => {
      let now = 0;
      const times: number[] = [];
      const counters = createRequestCounters(() => now);
      for (const step of steps) {
        now += step;
        times.push(now);
        counters.begin('bot');
      }
      const fullest = Math.max(0, ...times.map((end) => times.filter((at) => at > end - windowMs && at <= end).length));
      expect(counters.busiest(windowMs)).toBe(fullest);
    }),
  );
});

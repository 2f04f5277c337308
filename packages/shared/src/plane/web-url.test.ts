import { expect, test } from 'vitest';
import { workItemUrl } from './web-url.ts';

test.each([
  ['https://api.plane.so/api/v1', 'https://app.plane.so/acme/browse/ACME-7/'],
  ['https://plane.example.com/api/v1', 'https://plane.example.com/acme/browse/ACME-7/'],
  ['http://127.0.0.1:8080/tracker/api/v1', 'http://127.0.0.1:8080/tracker/acme/browse/ACME-7/'],
])('with the API at %s people see a work item at %s', (api_url, url) => {
  expect(workItemUrl({ api_url, workspace_slug: 'acme' }, 'ACME-7')).toBe(url);
});

test('where the configuration says that its pages are elsewhere, they are', () => {
  const place = {
    api_url: 'https://api.plane.so/api/v1',
    web_url: 'https://tracker.example.com',
    workspace_slug: 'acme',
  };
  expect(workItemUrl(place, 'ACME-7')).toBe('https://tracker.example.com/acme/browse/ACME-7/');
});

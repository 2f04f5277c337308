import { expect, test } from 'vitest';
import { urlOf } from './url-of.ts';

test.each([
  ['127.0.0.1', 'http://127.0.0.1:5002'],
  ['runner-1.internal', 'http://runner-1.internal:5002'],
  ['0.0.0.0', 'http://127.0.0.1:5002'],
  ['::', 'http://[::1]:5002'],
  ['fd00::7', 'http://[fd00::7]:5002'],
])('who listens on %s is called at %s', (host, url) => {
  expect(urlOf({ host, port: 5002 })).toBe(url);
  expect(URL.canParse(url)).toBe(true);
});

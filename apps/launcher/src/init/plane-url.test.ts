import { expect, test } from 'vitest';
import { readPlaneUrl } from './plane-url.ts';

test.each([
  ['https://plane.example.com/api/v1', 'https://plane.example.com/api/v1', undefined],
  ['https://plane.example.com/api/v1/', 'https://plane.example.com/api/v1', undefined],
  ['https://plane.example.com', 'https://plane.example.com/api/v1', undefined],
  ['plane.example.com/', 'https://plane.example.com/api/v1', undefined],
  ['127.0.0.1:8000', 'http://127.0.0.1:8000/api/v1', undefined],
  ['http://127.0.0.1:8000', 'http://127.0.0.1:8000/api/v1', undefined],
  ['https://plane.example.com/acme/projects/1234/issues/', 'https://plane.example.com/api/v1', 'acme'],
  ['https://app.plane.so/acme/', 'https://api.plane.so/api/v1', 'acme'],
  ['https://plane.example.com/api', 'https://plane.example.com/api/v1', undefined],
])('%s', (given, apiUrl, workspace) => {
  expect(readPlaneUrl(given)).toEqual({ apiUrl, workspace });
});

test.each(['', 'ftp://plane.example.com', 'not a host'])('"%s" is refused', (given) => {
  expect(() => readPlaneUrl(given)).toThrow('is not the address');
});

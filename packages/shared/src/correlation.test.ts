import { expect, test } from 'vitest';
import { correlate, correlationHeaders } from './correlation.ts';

test('what is asked of others carries the id of the request and of the ticket, however deep it is asked', async () => {
  const headers = await correlate({ cid: 'cid-1', request: 'click-1' }, async () => {
    await Promise.resolve();
    return correlationHeaders();
  });
  expect(headers).toEqual({ 'x-request-id': 'click-1', 'x-correlation-id': 'cid-1' });
  expect(correlate({ cid: 'cid-1' }, correlationHeaders)).toEqual({
    'x-request-id': 'cid-1',
    'x-correlation-id': 'cid-1',
  });
  expect(correlationHeaders()).toEqual({});
});

test.each(['', 'a\r\nx-api-key: stolen', 'a b', 'ümlaut', 'x'.repeat(65)])(
  'an id such as %j is not passed on',
  (id) => {
    expect(correlate({ cid: id, request: id }, correlationHeaders)).toEqual({});
    expect(correlate({ cid: 'cid-1', request: id }, correlationHeaders)).toEqual({
      'x-request-id': 'cid-1',
      'x-correlation-id': 'cid-1',
    });
  },
);

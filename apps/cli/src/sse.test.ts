import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSseParser } from './sse.ts';

const STREAM =
  'retry: 1000\n\n: beat\n\nid: 1-0\nevent: hello\ndata: {"a":1}\n\nid:2-0\r\ndata: one\r\ndata:two\r\n\r\nid: 3-0\n\ndata\n\ndata: cut off';
const EVENTS = [
  { id: '1-0', event: 'hello', data: '{"a":1}' },
  { id: '2-0', event: 'message', data: 'one\ntwo' },
  { id: '3-0', event: 'message', data: '' },
];

test('events are the same wherever the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(STREAM.length)), (cuts) => {
      const parser = createSseParser();
      const places = [0, ...cuts.sort((a, b) => a - b), STREAM.length];
      const heard = places.flatMap((from, at) => parser.push(STREAM.slice(from, places[at + 1] ?? STREAM.length)));
      expect(heard).toEqual(EVENTS);
      expect(parser.lastEventId()).toBe('3-0');
    }),
  );
});

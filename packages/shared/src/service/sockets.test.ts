import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { closeReason, keepAlive } from './sockets.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

class Socket extends EventEmitter {
  readonly ping = vi.fn();
  readonly terminate = vi.fn();
}

test('a client that answers is kept', () => {
  const socket = new Socket();
  socket.ping.mockImplementation(() => socket.emit('pong'));
  const stop = keepAlive(socket, 30_000);
  vi.advanceTimersByTime(300_000);
  expect(socket.ping).toHaveBeenCalledTimes(10);
  expect(socket.terminate).not.toHaveBeenCalled();
  stop();
});

test('two unanswered pings end the connection', () => {
  const socket = new Socket();
  const stop = keepAlive(socket, 30_000);
  vi.advanceTimersByTime(60_000);
  expect(socket.terminate).not.toHaveBeenCalled();
  vi.advanceTimersByTime(30_000);
  expect(socket.terminate).toHaveBeenCalledOnce();
  stop();
  expect(vi.getTimerCount()).toBe(0);
});

test('a reason fits into a close frame, whatever it is made of', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'é', '漢', '👩', '\ud800'), { maxLength: 300 }), (chars) => {
      const text = chars.join('');
      const reason = closeReason(text);
      expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
      expect(reason.isWellFormed()).toBe(true);
    }),
  );
  expect(closeReason('there is no such session')).toBe('there is no such session');
});

import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keepAlive } from './keep-alive.ts';

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

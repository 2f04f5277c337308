import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createOutput } from './output.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const fake = () => {
  const network = { buffered: 0, frames: [] as string[], sent: () => {} };
  const pause = vi.fn();
  const resume = vi.fn();
  const output = createOutput({
    send: (text, sent) => {
      network.frames.push(text);
      network.sent = sent;
    },
    bufferedBytes: () => network.buffered,
    pause,
    resume,
  });
  return { network, pause, resume, output };
};

test('the first texts leave at once, the rest of the burst together', () => {
  const { network, output } = fake();
  for (const text of ['a', 'b', 'c', 'd', 'e', 'f']) output.write(text);
  expect(network.frames).toEqual(['a', 'b', 'c', 'd']);
  vi.advanceTimersByTime(16);
  expect(network.frames).toEqual(['a', 'b', 'c', 'd', 'ef']);
  output.write('g');
  expect(network.frames).toHaveLength(5);
  vi.advanceTimersByTime(32);
  output.write('h');
  expect(network.frames.slice(5)).toEqual(['g', 'h']);
});

test('a stream that never pauses goes out sixty times a second, however small its pieces are', () => {
  const { network, output } = fake();
  for (let ms = 0; ms < 1_600; ms++) {
    output.write('x');
    vi.advanceTimersByTime(1);
  }
  expect(network.frames.length).toBeLessThan(110);
  expect(network.frames.join('')).toHaveLength(1_600);
});

test('a large burst does not wait to become larger', () => {
  const { network, output } = fake();
  output.write('a');
  output.write('b'.repeat(100_000));
  output.write('c'.repeat(100_000));
  expect(network.frames.map(({ length }) => length)).toEqual([1, 200_000]);
});

test('a client that does not keep up pauses the terminal until it has caught up', () => {
  const { network, pause, resume, output } = fake();
  network.buffered = 2 * 1024 * 1024;
  output.write('a');
  expect(pause).toHaveBeenCalledOnce();
  network.buffered = 1024 * 1024;
  network.sent();
  expect(resume).not.toHaveBeenCalled();
  network.buffered = 0;
  network.sent();
  expect(resume).toHaveBeenCalledOnce();
});

test('nothing is sent after the stop', () => {
  const { network, output } = fake();
  output.write('a');
  output.write('b'.repeat(5_000));
  output.stop();
  vi.advanceTimersByTime(100);
  expect(network.frames).toEqual(['a']);
});

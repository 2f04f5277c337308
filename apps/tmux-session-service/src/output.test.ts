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

test('the first text leaves at once, the rest of the burst together', () => {
  const { network, output } = fake();
  output.write('a');
  output.write('b');
  output.write('c');
  expect(network.frames).toEqual(['a']);
  vi.advanceTimersByTime(16);
  expect(network.frames).toEqual(['a', 'bc']);
  vi.advanceTimersByTime(16);
  output.write('d');
  expect(network.frames).toEqual(['a', 'bc', 'd']);
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
  output.write('b');
  output.stop();
  vi.advanceTimersByTime(100);
  expect(network.frames).toEqual(['a']);
});

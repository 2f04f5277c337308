import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { eventually } from './fixture.ts';

const Frame = z.looseObject({ type: z.string(), payload: z.string().optional(), seq: z.number().optional() });
export type Frame = z.output<typeof Frame>;

/** A browser's terminal: what came in, and how it ended. */
export function terminal(url: string, path: string, protocols: string[] = []) {
  const socket = new WebSocket(url.replace('http', 'ws') + path, protocols);
  const frames: Frame[] = [];
  const closed = Promise.withResolvers<number>();
  socket.addEventListener('message', ({ data }) => frames.push(Frame.parse(JSON.parse(String(data)))));
  socket.addEventListener('close', ({ code }) => closed.resolve(code));
  onTestFinished(() => socket.close());
  const output = () => frames.map(({ payload }) => payload ?? '').join('');
  return {
    socket,
    frames,
    closed: closed.promise,
    opened: once(socket, 'open'),
    output,
    send: (frame: unknown) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    last: (type: string): Frame | undefined => frames.findLast((frame) => frame.type === type),
    /** The number to go on from. */
    seq: (): number => frames.findLast(({ seq }) => seq !== undefined)?.seq ?? 0,
    /** Resolves when the first picture has come. */
    painted: () => eventually(output).not.toBe(''),
  };
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Block, createControlParser } from './control-protocol.ts';

const parse = (chunks: readonly Buffer[]) => {
  const blocks: Block[] = [];
  const notifications: string[] = [];
  const push = createControlParser({
    onBlock: (block) => blocks.push(block),
    onNotification: (line) => notifications.push(line),
  });
  for (const chunk of chunks) push(chunk);
  return { blocks, notifications };
};

const STREAM = Buffer.from(
  [
    '%begin 100 1 0\n%end 100 1 0\n%session-changed $0 x\n',
    '%begin 100 7 1\nä\n%end 100 6 1\n%begin 1 1 1\n\n%end 100 7 1\n',
    '%sessions-changed\n%begin 101 8 1\nno such thing\n%error 101 8 1\n',
  ].join(''),
);

test('blocks and notifications are told apart, and only the guard of a block ends it', () => {
  expect(parse([STREAM])).toEqual({
    blocks: [
      { ok: true, asked: false, text: '' },
      { ok: true, asked: true, text: 'ä\n%end 100 6 1\n%begin 1 1 1\n' },
      { ok: false, asked: true, text: 'no such thing' },
    ],
    notifications: ['%session-changed $0 x', '%sessions-changed'],
  });
});

test('it makes no difference where the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(STREAM.length)), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), STREAM.length];
      const chunks = at.slice(1).map((end, index) => STREAM.subarray(at[index], end));
      expect(parse(chunks)).toEqual(parse([STREAM]));
    }),
  );
});

import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { followTranscript } from './follow.ts';
import { transcriptEvents } from './stream.ts';

const said = (text: string) => `${JSON.stringify({ type: 'user', message: { content: text } })}\n`;
const OTHER = '{"type":"attachment"}\n';

function files() {
  const dir = mkdtempSync(join(tmpdir(), 'pco-transcript-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const paths = [join(dir, 'one.jsonl')];
  writeFileSync(paths[0] ?? '', '');
  const write = (text: string) => appendFileSync(paths.at(-1) ?? '', text);
  const begin = () => {
    paths.push(join(dir, `${paths.length}.jsonl`));
    write('');
  };
  return { paths: () => paths, write, begin };
}
const texts = (entries: readonly { line: number; blocks: readonly object[] }[]) =>
  entries.map(({ line, blocks }) => [line, (blocks[0] as { text?: string } | undefined)?.text]); // these tests write text

test('lines keep their numbers, whatever stands between them and wherever one begins to read', async () => {
  const f = files();
  f.write(said('a') + OTHER + said('b') + said('c'));
  expect(texts(await followTranscript(f.paths, 0).next(10))).toEqual([
    [1, 'a'],
    [3, 'b'],
    [4, 'c'],
  ]);
  expect(texts(await followTranscript(f.paths, 3).next(10))).toEqual([[4, 'c']]);
});

test('a page ends where it is full, and the next one goes on there', async () => {
  const f = files();
  f.write(said('a') + said('b') + said('c'));
  const follower = followTranscript(f.paths, 0);
  expect(texts(await follower.next(2))).toEqual([
    [1, 'a'],
    [2, 'b'],
  ]);
  expect(follower.hasMore()).toBe(true);
  expect(texts(await follower.next(2))).toEqual([[3, 'c']]);
  expect(follower.hasMore()).toBe(false);
});

test('what is written later is read later, whole lines only, also in a conversation that was begun anew', async () => {
  const f = files();
  const follower = followTranscript(f.paths, 0);
  f.write(`${said('a')}{"type":"user",`);
  expect(texts(await follower.next(10))).toEqual([[1, 'a']]);
  f.write('"message":{"content":"b"}}\n');
  expect(texts(await follower.next(10))).toEqual([[2, 'b']]);
  f.begin();
  f.write(said('c'));
  expect(texts(await follower.next(10))).toEqual([[3, 'c']]);
  expect(texts(await followTranscript(f.paths, 1).next(10))).toEqual([
    [2, 'b'],
    [3, 'c'],
  ]);
});

test('the events of a session that has ended come to an end, under the numbers of their lines', async () => {
  const f = files();
  f.write(said('a') + OTHER + said('b'));
  const events: string[] = [];
  for await (const event of transcriptEvents(followTranscript(f.paths, 0), async () => false)) events.push(event);
  expect(events.map((event) => event.split('\n', 2))).toEqual([
    ['retry: 2000', ''],
    ['id: 1', 'event: entry'],
    ['id: 3', 'event: entry'],
    ['event: end', 'data: {}'],
  ]);
});

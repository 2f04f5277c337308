import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { SECOND_MS } from '@pco/shared/time';
import { readEvents } from './recording-events.ts';
import { CAST_FILE, hashSecret, readMeta, readSizes } from './recording-folder.ts';
import { redactEvents } from './redact-events.ts';

export const ASCIICAST_TYPE = 'application/x-asciicast';

/**
 * A recording up to now as asciicast v2 (docs.asciinema.org/manual/asciicast/v2), without secrets and without what
 * would reach into the player's browser. One that has ended is read as it was put to rest.
 */
export async function* asciicast(folder: string): AsyncGenerator<string> {
  const file = join(folder, CAST_FILE);
  const isAtRest = await access(file).then(
    () => true,
    () => false,
  );
  if (!isAtRest) return yield* castLines(folder);
  const lines = createGunzip().setEncoding('utf8');
  // whoever reads the lines hears of a failure
  void pipeline(createReadStream(file), lines).catch(() => undefined);
  yield* lines as AsyncIterable<string>; // with an encoding it gives text
}

/** From its segments, a line at a time. */
export async function* castLines(folder: string): AsyncGenerator<string> {
  const name = basename(folder);
  const { sessionId, startedAtMs, cols, rows, secrets } = await readMeta(folder);
  const sizes = await readSizes(folder);
  const header = {
    version: 2,
    width: cols,
    height: rows,
    timestamp: Math.floor(startedAtMs / SECOND_MS),
    title: sessionId,
  };
  yield line({ ...header, env: { TERM: 'xterm-256color' } });
  const seconds = (atMs: number): number => Math.max(0, atMs - startedAtMs) / SECOND_MS;
  const known = new Set(secrets);
  const isOwn = (word: string): boolean => known.has(hashSecret(name, word));
  const narrowest = Math.min(cols, ...sizes.map((size) => size.cols));
  for await (const { atMs, text } of redactEvents(readEvents(folder), isOwn, narrowest)) {
    for (let size = sizes[0]; size && size.atMs <= atMs; size = sizes[0]) {
      yield line([seconds(size.atMs), 'r', `${size.cols}x${size.rows}`]);
      sizes.shift();
    }
    yield line([seconds(atMs), 'o', text]);
  }
}

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;

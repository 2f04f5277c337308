import { createHash } from 'node:crypto';
import { SECOND_MS } from '@pco/shared/time';
import { readEvents } from './recording-events.ts';
import type { Recordings } from './recordings.ts';
import { redactEvents } from './redact-events.ts';

export const ASCIICAST_TYPE = 'application/x-asciicast';

/**
 * A recording up to now as asciicast v2, a line at a time (docs.asciinema.org/manual/asciicast/v2), without secrets and
 * without what would reach into the player's browser.
 */
export async function* asciicast(recordings: Recordings, name: string): AsyncGenerator<string> {
  const { sessionId, startedAtMs, cols, rows, secrets } = await recordings.readMeta(name);
  const sizes = await recordings.readSizes(name);
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
  for await (const { atMs, text } of redactEvents(readEvents(recordings.folder(name)), isOwn)) {
    for (let size = sizes[0]; size && size.atMs <= atMs; size = sizes[0]) {
      yield line([seconds(size.atMs), 'r', `${size.cols}x${size.rows}`]);
      sizes.shift();
    }
    yield line([seconds(atMs), 'o', text]);
  }
}

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;

/** How a recording remembers secrets that it must not show: by hashes of its own. */
export const hashSecret = (name: string, secret: string): string =>
  createHash('sha256').update(`${name}\0${secret}`).digest('base64');

import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { SECOND_MS } from '@pco/shared/time';
import { z } from 'zod';
import type { MoreToCome } from './recording-events.ts';
import { CAST_FILE, readMeta } from './recording-folder.ts';
import { type Moment, timeline } from './timeline.ts';

export const ASCIICAST_TYPE = 'application/x-asciicast';

/**
 * A recording up to now as asciicast v2 (docs.asciinema.org/manual/asciicast/v2), without secrets and without what
 * would reach into the player's browser. One that has ended is read as it was put to rest.
 */
export async function* asciicast(folder: string): AsyncGenerator<string> {
  if (await isAtRest(folder)) yield* restedCast(folder);
  else yield* castLines(folder);
}

/** The same as moments; one that is still written goes on as long as there is `more`. */
export async function* moments(folder: string, more?: MoreToCome): AsyncGenerator<Moment> {
  if (!(await isAtRest(folder))) return yield* timeline(folder, more);
  for await (const text of createInterface(restedCast(folder))) {
    const [seconds, kind, value] = CastEvent.safeParse(JSON.parse(text)).data ?? []; // the first line is the header
    if (seconds === undefined || value === undefined) continue;
    const atMs = Math.round(seconds * SECOND_MS);
    const [cols = 0, rows = 0] = value.split('x').map(Number);
    yield kind === 'r' ? { atMs, size: { cols, rows } } : { atMs, text: value };
  }
}
const CastEvent = z.tuple([z.number(), z.enum(['o', 'r']), z.string()]);

const isAtRest = (folder: string): Promise<boolean> =>
  access(join(folder, CAST_FILE)).then(
    () => true,
    () => false,
  );

function restedCast(folder: string) {
  const lines = createGunzip().setEncoding('utf8');
  // whoever reads the lines hears of a failure
  void pipeline(createReadStream(join(folder, CAST_FILE)), lines).catch(() => undefined);
  return lines;
}

/** From its segments, a line at a time. */
export async function* castLines(folder: string): AsyncGenerator<string> {
  const { sessionId, startedAtMs, cols, rows } = await readMeta(folder);
  const header = {
    version: 2,
    width: cols,
    height: rows,
    timestamp: Math.floor(startedAtMs / SECOND_MS),
    title: sessionId,
  };
  yield line({ ...header, env: { TERM: 'xterm-256color' } });
  for await (const moment of timeline(folder)) {
    const seconds = moment.atMs / SECOND_MS;
    if ('size' in moment) yield line([seconds, 'r', `${moment.size.cols}x${moment.size.rows}`]);
    else yield line([seconds, 'o', moment.text]);
  }
}

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;

import { basename } from 'node:path';
import { type MoreToCome, readEvents } from './recording-events.ts';
import { hashSecret, readMeta, readSizes } from './recording-folder.ts';
import { redactEvents } from './redact-events.ts';
import type { WindowSize } from './window-control.ts';

/** What happened on a screen, so long after its session began: output, or another size of the window. */
export type Moment = { readonly atMs: number } & ({ readonly text: string } | { readonly size: WindowSize });

/**
 * What was printed, from the segments of a recording, without its secrets and without what would reach into the browser
 * of whoever plays it: up to now, or on and on (`more`), then with an empty text where there is nothing more for the
 * moment.
 */
export async function* timeline(folder: string, more?: MoreToCome): AsyncGenerator<Moment> {
  const { startedAtMs, cols, secrets } = await readMeta(folder);
  let sizes = await readSizes(folder);
  let resized = 0;
  const since = (atMs: number): number => Math.max(0, atMs - startedAtMs);
  const known = new Set(secrets);
  const isOwn = (word: string): boolean => known.has(hashSecret(basename(folder), word));
  const narrowest = Math.min(cols, ...sizes.map((size) => size.cols));
  for await (const { atMs, text } of redactEvents(readEvents(folder, more), isOwn, narrowest)) {
    if (text === '') sizes = await readSizes(folder); // it may have been resized meanwhile
    const until = text === '' ? Number.POSITIVE_INFINITY : atMs;
    for (let size = sizes[resized]; size && size.atMs <= until; size = sizes[++resized])
      yield { atMs: since(size.atMs), size: { cols: size.cols, rows: size.rows } };
    yield { atMs: since(atMs), text };
  }
}

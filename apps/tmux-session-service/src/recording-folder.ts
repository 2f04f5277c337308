import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

export const META_FILE = 'meta.json';
export const SIZES_FILE = 'sizes';
/** The whole recording without secrets, instead of its segments. */
export const CAST_FILE = 'recording.cast.gz';

export const RecordingMeta = z.object({
  sessionId: z.string(),
  owner: z.string().nullable().default(null),
  startedAtMs: z.number(),
  cols: z.number(),
  rows: z.number(),
  /** Hashes of secrets that the session was given and that no pattern would find. */
  secrets: z.array(z.string()).default([]),
});
export type RecordingMeta = z.output<typeof RecordingMeta>;

/** What a window became, and when. */
export interface NotedSize {
  readonly atMs: number;
  readonly cols: number;
  readonly rows: number;
}

export const readMeta = async (folder: string): Promise<RecordingMeta> =>
  RecordingMeta.parse(JSON.parse(await readFile(join(folder, META_FILE), 'utf8')));

export async function readSizes(folder: string): Promise<NotedSize[]> {
  const text = await readFile(join(folder, SIZES_FILE), 'utf8').catch(() => ''); // most are never resized
  return [...text.matchAll(/^(\d+) (\d+) (\d+)$/gm)].map(([, atMs, cols, rows]) => ({
    atMs: Number(atMs),
    cols: Number(cols),
    rows: Number(rows),
  }));
}

/** How a recording remembers secrets that it must not show: by hashes of its own. */
export const hashSecret = (name: string, secret: string): string =>
  createHash('sha256').update(`${name}\0${secret}`).digest('base64');

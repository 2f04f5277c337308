import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Refusal } from '../refusal.ts';

export const FORMAT = 1;

/** Work in one worktree that may be nowhere else. */
const SavedWorktree = z.object({
  path: z.string(),
  repo: z.string(),
  branch: z.string(),
  head: z.string(),
  /** Commit that holds what was not committed. */
  work: z.string().optional(),
  /** File of the archive with the commits that are on no remote. */
  bundle: z.string().optional(),
});
export type SavedWorktree = z.output<typeof SavedWorktree>;

const Manifest = z.object({
  format: z.literal(FORMAT),
  version: z.string(),
  madeAt: z.iso.datetime(),
  host: z.string(),
  redis: z.object({
    prefix: z.string(),
    version: z.string(),
    keys: z.number(),
    tickets: z.number(),
    pausedMs: z.number(),
  }),
  dataDir: z.string(),
  withSecrets: z.boolean(),
  /** Keys of the configuration whose values were left out. */
  leftOut: z.array(z.string()),
  worktrees: z.array(SavedWorktree),
});
export type Manifest = z.output<typeof Manifest>;

/** @throws Refusal when this is no backup, or one of a later format */
export function readManifest(dir: string): Manifest {
  const parsed = Manifest.safeParse(JSON.parse(readFileSync(join(dir, 'manifest.json'), 'utf8')));
  if (parsed.success) return parsed.data;
  throw new Refusal(
    `its manifest.json is not one that this version reads (format ${FORMAT}); was it made by a later one?`,
  );
}

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { NewItem, NewProject } from './control/human.ts';
import type { Seed } from './emulator.ts';
import { SettingsChange } from './settings.ts';
import { NewWebhook } from './webhooks.ts';

const SeedFile = z.strictObject({
  projects: z.array(NewProject).optional(),
  items: z.array(NewItem).optional(),
  settings: SettingsChange.optional(),
  webhooks: z.array(NewWebhook).optional(),
});

/** @throws Error that names the file and what is wrong with it */
export function readSeed(path: string): Seed {
  try {
    return SeedFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (err) {
    const why = err instanceof z.ZodError ? z.prettifyError(err) : err instanceof Error ? err.message : String(err);
    throw new Error(`the seed file ${path} cannot be used: ${why}`, { cause: err });
  }
}

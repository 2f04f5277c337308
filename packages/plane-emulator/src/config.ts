import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { NewItem, NewProject } from './control/human.ts';
import type { EmulatorOptions, Seed } from './emulator.ts';
import { SettingsChange } from './settings.ts';

const SeedFile = z.strictObject({
  projects: z.array(NewProject).optional(),
  items: z.array(NewItem).optional(),
  settings: SettingsChange.optional(),
});

const Env = z.object({
  EMULATOR_HOST: z.string().optional(),
  EMULATOR_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  EMULATOR_SLUG: z.string().min(1).optional(),
  EMULATOR_API_KEY: z.string().min(1).optional(),
  EMULATOR_SEED_FILE: z.string().min(1).optional(),
  EMULATOR_LOG_FILE: z.string().min(1).optional(),
  EMULATOR_STATE_FILE: z.string().min(1).optional(),
});

/** The options of a stand-alone emulator. */
export function readConfig(env: Record<string, string | undefined>): EmulatorOptions {
  const read = Env.parse(env);
  return {
    host: read.EMULATOR_HOST,
    port: read.EMULATOR_PORT,
    slug: read.EMULATOR_SLUG,
    apiKey: read.EMULATOR_API_KEY,
    logFile: read.EMULATOR_LOG_FILE,
    stateFile: read.EMULATOR_STATE_FILE,
    seed: read.EMULATOR_SEED_FILE ? readSeed(read.EMULATOR_SEED_FILE) : undefined,
  };
}

const readSeed = (path: string): Seed => SeedFile.parse(JSON.parse(readFileSync(path, 'utf8')));

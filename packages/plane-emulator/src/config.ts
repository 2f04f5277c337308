import { z } from 'zod';
import type { EmulatorOptions, Seed } from './emulator.ts';
import { readSeed } from './seed.ts';

const EVENTS = ['issue', 'issue_comment'] as const;
/** Words with commas between them. */
const words = (text: string) =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);

const Env = z.object({
  EMULATOR_HOST: z.string().optional(),
  EMULATOR_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  EMULATOR_SLUG: z.string().min(1).optional(),
  EMULATOR_API_KEY: z.string().min(1).optional(),
  EMULATOR_SEED_FILE: z.string().min(1).optional(),
  EMULATOR_LOG_FILE: z.string().min(1).optional(),
  EMULATOR_STATE_FILE: z.string().min(1).optional(),
  EMULATOR_WEBHOOK_URLS: z
    .string()
    .default('')
    .transform(words)
    .pipe(z.array(z.url({ protocol: /^https?$/ }))),
  EMULATOR_WEBHOOK_SECRET: z.string().min(1).optional(),
  EMULATOR_WEBHOOK_EVENTS: z
    .string()
    .default(EVENTS.join())
    .transform(words)
    .pipe(z.array(z.enum(EVENTS))),
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
    seed: readSeedOf(read),
  };
}

/** Webhooks named by variables come after those of the seed file. */
function readSeedOf(env: z.output<typeof Env>): Seed {
  const seed = env.EMULATOR_SEED_FILE ? readSeed(env.EMULATOR_SEED_FILE) : {};
  const events = env.EMULATOR_WEBHOOK_EVENTS;
  const named = env.EMULATOR_WEBHOOK_URLS.map((url) => ({
    url,
    ...(env.EMULATOR_WEBHOOK_SECRET ? { secret: env.EMULATOR_WEBHOOK_SECRET } : {}),
    issue: events.includes('issue'),
    issue_comment: events.includes('issue_comment'),
  }));
  return { ...seed, webhooks: [...(seed.webhooks ?? []), ...named] };
}

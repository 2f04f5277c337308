import { z } from 'zod';

/** Knobs that a test may turn while the emulator runs. */
export const Settings = z.strictObject({
  /** How late the worker bumps `updated_at` after an answer; 0 = before the answer, null = the job is lost. */
  bumpDelayMs: z.number().nonnegative().nullable(),
  /** Sliding window per key; null = no throttle and no headers. Plane's own default is 60 a minute. */
  rateLimit: z.strictObject({ limit: z.number().int().positive(), windowMs: z.number().positive() }).nullable(),
  /** Added to every answer of the API. */
  latencyMs: z.number().nonnegative(),
  /** Profile time zone of the key's user: times are rendered in it. */
  timezoneOffsetMinutes: z.number().int(),
  /** 1000 in the Community Edition, 100 in the cloud. */
  maxPerPage: z.number().int().positive(),
  /** Times are given in steps of so many microseconds: more than 1 makes rows tie. */
  clockStepUs: z.number().int().positive(),
  /** How late the worker sends webhooks. */
  webhookDelayMs: z.number().nonnegative(),
  /** Up to so much more, at random for each delivery: they overtake each other. */
  webhookJitterMs: z.number().nonnegative(),
  /** Share of changes that are never told, as when the broker is down at that moment. */
  webhookDropRate: z.number().min(0).max(1),
  /** Share of deliveries that are sent twice. */
  webhookDuplicateRate: z.number().min(0).max(1),
  /** Longest pause before a delivery is repeated after a network error; ten minutes in Plane. */
  webhookRetryMs: z.number().nonnegative(),
  /** How long an answer to a webhook may take before it counts as a network error. */
  webhookTimeoutMs: z.number().positive(),
  /** POSTs with the external id of a row that is younger than this make a second row: Plane looks before it inserts. */
  duplicateWindowMs: z.number().nonnegative(),
  /** The cloud's way: items have `last_activity_at`, and the worker bumps that in place of `updated_at`. */
  lastActivityAt: z.boolean(),
  /** Requests that the log remembers; 0 for none. Counters go on counting. */
  keptRequests: z.number().int().nonnegative(),
  /** Servers before 1.1 know the paths with /issues/ only. */
  onlyIssuesPaths: z.boolean(),
});
export type Settings = z.infer<typeof Settings>;
export const SettingsChange = Settings.partial();
export type SettingsChange = z.infer<typeof SettingsChange>;

export const DEFAULT_SETTINGS: Settings = {
  bumpDelayMs: 100,
  rateLimit: null,
  latencyMs: 0,
  timezoneOffsetMinutes: 0,
  maxPerPage: 1_000,
  clockStepUs: 1,
  webhookDelayMs: 100,
  webhookJitterMs: 0,
  webhookDropRate: 0,
  webhookDuplicateRate: 0,
  webhookRetryMs: 600_000,
  webhookTimeoutMs: 30_000,
  duplicateWindowMs: 0,
  lastActivityAt: false,
  keptRequests: 20_000,
  onlyIssuesPaths: false,
};

/** Changes the knobs that are given and shows them all. */
export function changeSettings(settings: Settings, change: SettingsChange = {}): Settings {
  const given = Object.entries(SettingsChange.parse(change)).filter(([, value]) => value !== undefined);
  Object.assign(settings, Object.fromEntries(given));
  return { ...settings };
}

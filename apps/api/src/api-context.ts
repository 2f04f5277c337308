import type { Config } from '@pco/shared/config';
import type { Core } from '@pco/shared/engine';
import { AppError } from '@pco/shared/errors';
import type { Logger } from '@pco/shared/log';
import { z } from 'zod';
import type { EventHub } from './events/hub.ts';
import type { Feed } from './feed.ts';
import type { Lists } from './read-model/lists.ts';
import type { ReadModel } from './read-model/read-model.ts';

/** What every route works with. */
export interface ApiContext {
  readonly config: Config;
  readonly core: Core;
  readonly feed: Feed;
  readonly model: ReadModel;
  readonly lists: Lists;
  readonly events: EventHub;
  readonly log: Logger;
}

/** @throws AppError PAYLOAD_INVALID (422) with one line per fault under `detail` */
export function check<Schema extends z.ZodType>(schema: Schema, value: unknown, where: string): z.output<Schema> {
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => ({ loc: [where, ...path].map(String), msg: message }));
  throw new AppError('PAYLOAD_INVALID', {
    issues,
    why: issues.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; '),
  });
}

/** `?wait=` seconds: how long an answer may wait for the outcome. */
export const WaitQuery = z.strictObject({ wait: z.coerce.number().min(0).max(30).default(5) });

/** Who asked, for the record. Named tokens come with access control. */
export const PERSON = 'api';

import { z } from 'zod';
import { Time } from './common.ts';
import { defineRoute } from './route.ts';

export const SetupCheck = z
  .object({
    level: z.enum(['ok', 'warn', 'bad']).describe('`warn` may be meant, `bad` keeps the product from working'),
    what: z.string(),
    detail: z.string(),
    mend: z.string().nullable().describe('What to do about it'),
  })
  .meta({ id: 'SetupCheck' });
export type SetupCheck = z.output<typeof SetupCheck>;

const Group = z.object({
  of: z.enum(['plane', 'redis', 'runner', 'webhooks']),
  runner: z.string().nullable().describe('Which one, for a group that is a runner'),
  checks: z.array(SetupCheck),
});

/** What a session-worker answers about its own host. */
export const HostChecks = z.array(SetupCheck);

export const Setup = z
  .object({
    checked_at: Time,
    ever_approved: z.boolean().describe('Whether any ticket was ever approved here'),
    level: SetupCheck.shape.level.describe('The worst of all'),
    groups: z.array(Group),
  })
  .meta({ id: 'Setup' });
export type Setup = z.output<typeof Setup>;

export const setupRoutes = {
  setup: defineRoute({
    method: 'GET',
    path: '/api/setup',
    role: 'operator',
    tag: 'operations',
    summary: 'Looks whether everything is there that the product needs, and says how to mend what is not',
    query: z.strictObject({
      look: z.enum(['all', 'none']).default('all').describe('`none`: only whether anything was ever approved'),
    }),
    answers: { 200: Setup },
  }),
};

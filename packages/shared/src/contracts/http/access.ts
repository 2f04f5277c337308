import { z } from 'zod';
import { Time } from './common.ts';
import { defineRoute, ROLES, Role } from './route.ts';

const access = { tag: 'access' } as const;

/** Who the caller is, and until when. */
export const Me = z
  .object({
    name: z.string(),
    role: z.enum(ROLES),
    via: z.enum(['local', 'token', 'cookie']).describe('`local`: no token is configured, and this host needs none'),
    expires_at: Time.nullable(),
    can_dictate: z.boolean().describe('Whether recordings can be made text: a transcription service is configured'),
  })
  .meta({ id: 'Me' });
export type Me = z.output<typeof Me>;

const TokenName = z.string().regex(/^[A-Za-z0-9._-]{1,40}$/, '1 to 40 letters, digits, ".", "_" and "-"');
const TokenId = z.string().regex(/^[a-f0-9]{12}$/, 'the id that GET /api/tokens shows');
const TokenParams = z.strictObject({ tokenId: TokenId });

export const TokenView = z
  .object({
    id: z.string().nullable().describe('null for one that stands in the configuration'),
    name: z.string(),
    role: Role,
    created_at: Time.nullable(),
    created_by: z.string().nullable(),
    expires_at: Time.nullable(),
    is_expired: z.boolean(),
  })
  .meta({ id: 'Token' });
export type TokenView = z.output<typeof TokenView>;

const EXPIRES_MAX_DAYS = 3_650;
const NewToken = z.strictObject({
  name: TokenName,
  role: Role,
  expires_in_days: z
    .number()
    .positive()
    .max(EXPIRES_MAX_DAYS)
    .nullable()
    .default(90)
    .describe('null: it holds until it is deleted'),
});

const AuditView = z
  .object({
    id: z.string(),
    at: Time,
    who: z.string(),
    role: z.string(),
    via: z.string(),
    from: z.string().describe('Address of the caller'),
    what: z.string().describe('Name of the operation'),
    path: z.string(),
    ticket_id: z.string().nullable(),
    request_id: z.string(),
    status: z.int().nullable().describe('Of the answer; null if there was none, as when the process died meanwhile'),
  })
  .meta({ id: 'AuditEntry' });

export const accessRoutes = {
  me: defineRoute({
    ...access,
    method: 'GET',
    path: '/api/me',
    role: 'viewer',
    summary: 'Who the caller is',
    answers: { 200: Me },
  }),
  login: defineRoute({
    ...access,
    method: 'POST',
    path: '/api/login',
    role: 'open',
    summary: 'Log a browser in with a token: sets a cookie that scripts cannot read',
    body: z.strictObject({ token: z.string().min(1).max(200) }),
    answers: { 200: Me },
    refusals: [401],
  }),
  logout: defineRoute({
    ...access,
    method: 'POST',
    path: '/api/logout',
    role: 'viewer',
    summary: 'Log this browser out; its cookie is worth nothing any more',
    answers: { 200: z.object({ status: z.literal('logged_out') }) },
  }),
  createLoginLink: defineRoute({
    ...access,
    method: 'POST',
    path: '/api/login-links',
    role: 'viewer',
    summary: 'A link that logs one browser in as the caller, once, within a few minutes',
    answers: { 200: z.object({ url: z.string(), expires_at: Time }) },
  }),
  useLoginLink: defineRoute({
    ...access,
    method: 'GET',
    path: '/login',
    role: 'open',
    summary: 'What such a link leads to',
    query: z.strictObject({ code: z.string().min(1).max(100) }),
    media: 'text/plain',
    answers: { 303: z.string() },
    refusals: [401],
  }),
  tokens: defineRoute({
    ...access,
    method: 'GET',
    path: '/api/tokens',
    role: 'admin',
    summary: 'Every token, without itself',
    answers: { 200: z.array(TokenView) },
  }),
  createToken: defineRoute({
    ...access,
    method: 'POST',
    path: '/api/tokens',
    role: 'admin',
    summary: 'Make a token; it is shown this once',
    body: NewToken,
    answers: { 201: TokenView.extend({ token: z.string() }) },
    refusals: [409],
  }),
  deleteToken: defineRoute({
    ...access,
    method: 'DELETE',
    path: '/api/tokens/:tokenId',
    role: 'admin',
    summary: 'Revoke a token, and with it every browser that logged in with it',
    params: TokenParams,
    answers: { 200: z.object({ status: z.literal('deleted'), id: TokenId }) },
  }),
  audit: defineRoute({
    ...access,
    method: 'GET',
    path: '/api/audit',
    role: 'admin',
    summary: 'Who changed what from where, newest first',
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(500).default(100),
      before: z
        .string()
        .regex(/^\d{1,15}-\d{1,15}$/, 'the `next` of an earlier page')
        .optional(),
    }),
    answers: {
      200: z.object({
        entries: z.array(AuditView),
        next: z.string().nullable().describe('`before` of the next page; null on the last one'),
      }),
    },
  }),
};

import { z } from 'zod';
import { Host, HttpUrl, Port } from './key-types.ts';

/** A token of which only the hash stands in the configuration. */
const ApiToken = z.strictObject({
  role: z.enum(['viewer', 'operator', 'admin']),
  /** `printf %s "$TOKEN" | sha256sum` */
  hash: z.string().regex(/^[a-f0-9]{64}$/, 'the SHA-256 of the token: 64 hexadecimal digits'),
  expires: z.iso.date('a day such as 2027-01-31').optional(),
});
export const ApiTokens = z.record(z.string(), ApiToken);

export const Api = z
  .strictObject({
    host: Host.default('127.0.0.1'),
    port: Port.default(5002),
    /** B-043: origins allowed to call from a browser; default same origin only. */
    cors_origins: z
      .array(
        z
          .string()
          .min(1)
          .refine((origin) => origin !== '*', 'name the origins; "*" would let any page in'),
      )
      .default([]),
    /** Bearer token of an admin. Without any token the api stays on loopback. */
    token: z.string().min(16, 'at least 16 characters').optional(),
    token_file: z.string().min(1).optional(),
    /** Further tokens by name; the api keeps those that are made over HTTP itself. */
    tokens: z
      .record(z.string().regex(/^[A-Za-z0-9._-]{1,40}$/, 'letters, digits, ".", "_" and "-"'), ApiToken)
      .default({}),
    /** A YAML file with the same content as `tokens`. */
    tokens_file: z.string().min(1).optional(),
    /** How browsers reach us, if that is not what they send as host: `https://pco.example.com`. */
    public_url: HttpUrl.optional(),
    /** Addresses of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed. */
    trust_proxy: z.array(z.string().min(1)).default([]),
    /** How long a browser stays logged in. */
    login_hours: z.coerce
      .number()
      .positive()
      .max(24 * 365)
      .default(12),
    /** Requests of one token, or of one address without one, in a minute, to each replica. 0: no limit. */
    requests_per_minute: z.coerce.number().int().min(0).default(6_000),
    /** How long the audit log is kept. */
    audit_days: z.coerce.number().positive().default(365),
    /** B-087: `POST /api/test/add-ticket`. */
    test_endpoint: z.boolean().default(false),
    /** Connections to `GET /api/events` that one api process keeps open, in all and of one token or address. */
    event_readers: z.coerce.number().int().positive().default(500),
    event_readers_per_client: z.coerce.number().int().positive().default(50),
  })
  .prefault({});

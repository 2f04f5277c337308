import { z } from 'zod';

/** What several sections have keys of. */

export const Port = z.coerce.number().int().min(0).max(65_535);
export const Host = z.string().min(1);
export const Seconds = z.coerce.number().positive();
export const HttpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
  .transform((url) => url.replace(/\/+$/, ''));
export const Slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'lower-case letters, digits and "-", at most 32');
/** Joined they are the name of a pool, so none holds the "-" that joins them. */
export const Label = z.string().regex(/^[a-z0-9]{1,16}$/, 'lower-case letters and digits, at most 16');

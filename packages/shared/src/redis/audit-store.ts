import { z } from 'zod';
import type { RedisHandle } from './connect.ts';

/** Who asked for what, from where. */
export const AuditRecord = z.object({
  who: z.string(),
  role: z.string(),
  /** How the caller proved who it is. */
  via: z.string(),
  from: z.string(),
  /** Name of the operation, or method and pattern of a route of another's page. */
  what: z.string(),
  path: z.string(),
  ticketId: z.string().optional(),
  requestId: z.string(),
});
export type AuditRecord = z.output<typeof AuditRecord>;
export interface AuditEntry extends AuditRecord {
  readonly id: string;
  readonly at: number;
  /** With which status it was answered; null when it was never answered, as when the process died meanwhile. */
  readonly status: number | null;
}

/**
 * What people changed, kept by age. An entry is written before the change is made: what cannot be written is not done,
 * and a process that dies leaves an entry without an outcome instead of a change without an entry.
 */
export const createAuditStore = ({ client, keys }: RedisHandle, keepMs: number) => ({
  async begin(record: AuditRecord): Promise<string> {
    const minimum = String(Date.now() - keepMs);
    const id = await client.xadd(keys.audit, 'MINID', '~', minimum, '*', 'record', JSON.stringify(record));
    if (id === null) throw new Error('the audit log took no entry');
    return id;
  },
  async finish(id: string, status: number): Promise<void> {
    await client.set(keys.auditOutcome(id), String(status), 'PX', keepMs);
  },
  /** Newest first, older than an entry if one is named. */
  async page(limit: number, before?: string): Promise<AuditEntry[]> {
    const entries = await client.xrevrange(keys.audit, before ? `(${before}` : '+', '-', 'COUNT', limit);
    if (entries.length === 0) return [];
    const outcomes = await client.mget(entries.map(([id]) => keys.auditOutcome(id)));
    return entries.map(([id, fields], index) => ({
      ...AuditRecord.parse(JSON.parse(fields[fields.indexOf('record') + 1] ?? 'null')),
      id,
      at: Number(id.split('-', 1)[0]),
      status: outcomes[index] ? Number(outcomes[index]) : null,
    }));
  },
});
export type AuditStore = ReturnType<typeof createAuditStore>;

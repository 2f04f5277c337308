import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { STATUSES } from '@pco/shared/domain';
import {
  createKeys,
  createTicketStore,
  loadSnapshot,
  type RedisHandle,
  type SnapshotKey,
  takeSnapshot,
} from '@pco/shared/redis';
import { z } from 'zod';

/** Writers wait meanwhile: a call for each line would double the time. */
const LINES_AT_ONCE = 500;

const Line = z.object({ key: z.string(), expiresAt: z.number(), dump: z.base64() });

/** One key per line, so that a person can see what is there and nobody needs all of it in memory. */
export async function writeRedisFile(file: string, { client, prefix }: RedisHandle, maxPauseMs: number) {
  const ticketKey = createKeys(prefix).ticket('');
  const out = openSync(file, 'wx', 0o600);
  let tickets = 0;
  let lines: string[] = [];
  const flush = () => {
    writeSync(out, lines.join(''));
    lines = [];
  };
  try {
    const taken = await takeSnapshot(client, prefix, maxPauseMs, ({ key, expiresAt, dump }) => {
      if (key.startsWith(ticketKey)) tickets += 1;
      const line: z.output<typeof Line> = { key, expiresAt, dump: dump.toString('base64') };
      if (lines.push(`${JSON.stringify(line)}\n`) >= LINES_AT_ONCE) flush();
    });
    flush();
    return { ...taken, tickets };
  } finally {
    closeSync(out);
  }
}

export const readRedisFile = async (file: string, { client }: RedisHandle): Promise<number> =>
  await loadSnapshot(client, linesOf(file));

async function* linesOf(file: string): AsyncGenerator<SnapshotKey> {
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    const { key, expiresAt, dump } = Line.parse(JSON.parse(text));
    yield { key, expiresAt, dump: Buffer.from(dump, 'base64') };
  }
}

/**
 * Reads every ticket as the services do.
 *
 * @returns how many there are
 * @throws AppError STORED_RECORD_INVALID
 */
export async function readAllTickets({ client, keys }: RedisHandle): Promise<number> {
  const store = createTicketStore(client, keys);
  let count = 0;
  for (const status of STATUSES)
    for (const id of await client.zrange(keys.status(status), '0', '-1')) if ((await store.load(id)).ticket) count += 1;
  return count;
}

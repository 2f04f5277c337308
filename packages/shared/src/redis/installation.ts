import { randomBytes } from 'node:crypto';
import type { RedisHandle } from './connect.ts';

/** Random id of this installation, made by whoever asks first; part of every key written to Plane. */
export async function readInstallation({ client, keys, replicas }: RedisHandle): Promise<string> {
  const known = await client.get(keys.installation);
  if (known !== null) return known; // nothing to be written: a service starts while replicas are missing
  await replicas.kept(() => client.set(keys.installation, `pco${randomBytes(6).toString('hex')}`, 'NX'));
  // it was just set if it was absent
  return (await client.get(keys.installation)) as string;
}

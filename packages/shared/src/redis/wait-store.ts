import { z } from 'zod';
import { MINUTE_MS } from '../time.ts';
import type { RedisHandle } from './connect.ts';

/** Why an effect that is open makes no progress at the moment. */
const EffectWait = z.object({ code: z.string(), why: z.string() });
export type EffectWait = z.output<typeof EffectWait>;

/** The next try may be late by so much on a busy machine before its reason is forgotten. */
const SLACK_MS = MINUTE_MS;

/** For people only: nothing is decided by it, and what was noted vanishes by itself. */
export const createWaitStore = ({ client, keys }: RedisHandle) => ({
  async note(effectId: string, wait: EffectWait, ms: number): Promise<void> {
    await client.set(keys.effectWait(effectId), JSON.stringify(wait), 'PX', Math.ceil(ms) + SLACK_MS);
  },
  /** The first of those effects that waits for something. */
  async first(effectIds: readonly string[]): Promise<EffectWait | undefined> {
    if (effectIds.length === 0) return undefined;
    const noted = (await client.mget(effectIds.map(keys.effectWait))).find((json) => json !== null);
    return noted ? EffectWait.parse(JSON.parse(noted)) : undefined;
  },
});
export type WaitStore = ReturnType<typeof createWaitStore>;

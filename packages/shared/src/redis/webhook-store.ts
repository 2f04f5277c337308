import { z } from 'zod';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../time.ts';
import type { RedisHandle } from './connect.ts';
import { redisNow } from './now.ts';
import { loadScript } from './script.ts';

const noteDelivery = loadScript('note-delivery.lua', z.number());
const judgeWebhooks = loadScript('judge-webhooks.lua', z.tuple([z.number(), z.number(), z.number()]));

/** Longer than Plane repeats a delivery that it could not hand over: at most fifty minutes. */
const SEEN_MS = DAY_MS;
/** A delivery may be late by so much before the poll that was quicker counts as the first to know. */
const GRACE_MS = 10 * SECOND_MS;
/** A delivery that came so long before the poll may still have its look ahead of it. */
const HEARD_MS = MINUTE_MS;
/** What is heard of may wait for its look for as long as the request budget is short. */
const KNOWN_MS = HOUR_MS;
/** Deliveries overtake what they tell of: only a poll that began so much later has surely seen that. */
const LAG_MS = 2 * SECOND_MS;

/** What all replicas of api and poller know of the webhooks, by the clock of Redis. */
export const createWebhookStore = ({ client, keys }: RedisHandle) => ({
  /** What decides about a delivery, in one round trip. */
  async judge(
    digest: string,
    projectId: string,
  ): Promise<{ isRepeated: boolean; isWatched: boolean; planeUser: string | null }> {
    const [seen, watched, planeUser] = await Promise.all([
      client.exists(keys.webhookSeen(digest)),
      client.sismember(keys.projects, projectId),
      client.get(keys.planeUser),
    ]);
    return { isRepeated: seen === 1, isWatched: watched === 1, planeUser };
  },

  /**
   * An authentic delivery was taken; its hint, if it has one, is queued.
   *
   * @param workItem of which it told, if we watch it
   * @returns polls in a row that had missed a delivery before
   */
  noteDelivery: (digest: string, workItem: string | null): Promise<number> =>
    noteDelivery(
      client,
      [keys.webhookSeen(digest), keys.webhooks, keys.webhooksHeard],
      [SEEN_MS, KNOWN_MS, workItem ?? ''],
    ),

  /**
   * A poll of a project is complete.
   *
   * @param startedAt by the clock of Redis
   * @param foreign work items that it found changed by somebody else
   * @param gapMs a poll that comes longer after the one before makes up for a downtime, in which deliveries were lost
   */
  async judgePoll(projectId: string, startedAt: number, foreign: readonly string[], gapMs: number) {
    const at = [keys.webhooks, keys.webhooksHeard, keys.webhooksOwed, keys.webhooksPolled];
    const args = [projectId, startedAt, GRACE_MS, HEARD_MS, gapMs, ...foreign];
    const [missed, isMiss, lastDeliveryAt] = await judgeWebhooks(client, at, args);
    return { missed, isMiss: isMiss === 1, lastDeliveryAt };
  },

  /** Whether a complete poll has begun since that work item was told of, so that looking at it brings nothing new. */
  async isPolledSince(projectId: string, workItem: string): Promise<boolean> {
    const [heardAt, polledAt] = await Promise.all([
      client.zscore(keys.webhooksHeard, workItem),
      client.hget(keys.webhooksPolled, projectId),
    ]);
    return heardAt !== null && polledAt !== null && Number(polledAt) > Number(heardAt) + LAG_MS;
  },

  async facts(): Promise<{ lastDeliveryAt: number; missed: number; now: number }> {
    const [[lastDeliveryAt, missed], now] = await Promise.all([
      client.hmget(keys.webhooks, 'lastDeliveryAt', 'missed'),
      redisNow({ client, keys }),
    ]);
    return { lastDeliveryAt: Number(lastDeliveryAt ?? 0), missed: Number(missed ?? 0), now };
  },

  /** @returns 0 when a look at the work item may begin, else the ms until it may */
  async beginLook(workItem: string, apartMs: number): Promise<number> {
    const key = keys.looked(workItem);
    if ((await client.set(key, '1', 'PX', apartMs, 'NX')) === 'OK') return 0;
    return Math.max(1, await client.pttl(key));
  },
});
export type WebhookStore = ReturnType<typeof createWebhookStore>;

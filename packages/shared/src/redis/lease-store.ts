import { z } from 'zod';
import type { RedisClient } from './client.ts';
import type { Keys } from './keys.ts';
import { loadScript } from './script.ts';

const acquireLease = loadScript('acquire-lease.lua', z.tuple([z.literal([0, 1]), z.string()]));
const renewLease = loadScript('renew-lease.lua', z.number());
const releaseLease = loadScript('release-lease.lua', z.number());

/** A lease that renews itself until it is given back. */
export interface HeldLease extends AsyncDisposable {
  /** The fencing token for a write made now; null when the lease was lost, which is for ever. */
  token(): string | null;
}

/** Who may do a thing right now. The token goes into every write made under the lease, and is checked there. */
export const createLeaseStore = (redis: RedisClient, keys: Keys) => {
  const acquire = async (name: string, owner: string, leaseMs: number): Promise<string | null> => {
    const [won, value] = await acquireLease(redis, [keys.lease(name), keys.leaseToken(name)], [owner, leaseMs]);
    return won === 1 ? value : null;
  };
  return {
    /** @returns null when another owner has the lease. One owner holds a lease once at a time. */
    async hold(name: string, owner: string, leaseMs: number): Promise<HeldLease | null> {
      const token = await acquire(name, owner, leaseMs);
      if (token === null) return null;
      let isLost = false;
      const timer = setInterval(() => {
        void renewLease(redis, [keys.lease(name)], [token, leaseMs]).then(
          (renewed) => {
            if (renewed === 1) return;
            isLost = true;
            clearInterval(timer);
          },
          () => undefined, // Redis is away: the next renewal, or the check of the token, decides
        );
      }, leaseMs / 3);
      return {
        token: () => (isLost ? null : token),
        async [Symbol.asyncDispose]() {
          clearInterval(timer);
          if (!isLost) await releaseLease(redis, [keys.lease(name)], [token]).catch(() => 0);
        },
      };
    },
  };
};
export type LeaseStore = ReturnType<typeof createLeaseStore>;

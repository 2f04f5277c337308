import { type Change, decide, type Loaded, type Policy, SUPERVISED, TicketEvent } from '../domain/index.ts';
import { type Commit, createTicketStore, type RedisHandle, type TicketStore } from '../redis/index.ts';
import { TICKET_ID, type Told } from './core-fixture.ts';
import { redisFixture } from './redis-fixture.ts';

export const GRACE_MS = 2_000;

export const testPolicy = (over: Partial<Policy> = {}): Policy => ({
  installation: 'pcotest',
  workflow: SUPERVISED,
  pool: 'default',
  sessionPrefix: 'claude-',
  keepMs: 600_000,
  startTimeoutMs: 120_000,
  budget: {},
  limits: { all: 5, project: 3 },
  ...over,
});

type CommitInput = Parameters<TicketStore['commit']>[0];

export interface StoreFixture extends AsyncDisposable {
  readonly redis: RedisHandle;
  readonly store: TicketStore;
  /** What `decide` makes of an event on that base, ready to be committed. */
  decided(base: Loaded, told: Told, policy?: Policy): CommitInput;
  /** Loads, decides and commits. */
  commit(told: Told, policy?: Policy): Promise<Commit>;
  openId(type: string): Promise<string>;
}

/** Tickets in Redis without queues or loops: decided by the domain, committed by the store. */
export async function storeFixture(options: { url?: string; policy?: Policy } = {}): Promise<StoreFixture> {
  const redis = await redisFixture(options.url === undefined ? {} : { url: options.url });
  const store = createTicketStore(redis.client, redis.keys);
  let count = 0;
  const decided: StoreFixture['decided'] = (base, told, policy = options.policy ?? testPolicy()) => {
    count += 1;
    const event = TicketEvent.parse({ id: `event-${count}`, ticketId: TICKET_ID, cid: 'cid-1', ...told });
    const change = changeOf(decide(policy, base, event, 'now' in base ? Number(base.now) : Date.now()));
    return { base, change, event, once: true, graceMs: GRACE_MS };
  };
  return {
    redis,
    store,
    decided,
    commit: async (told, policy) => store.commit(decided(await store.load(told.ticketId ?? TICKET_ID), told, policy)),
    async openId(type) {
      const { ticket } = await store.load(TICKET_ID);
      const found = Object.entries(ticket?.open ?? {}).find(([, effect]) => effect.type === type);
      if (!found) throw new Error(`no ${type} is open`);
      return found[0];
    },
    [Symbol.asyncDispose]: () => redis[Symbol.asyncDispose](),
  };
}

function changeOf(decision: ReturnType<typeof decide>): Change {
  if (decision.kind !== 'change') throw new Error(`nothing to commit: ${JSON.stringify(decision)}`);
  return decision;
}

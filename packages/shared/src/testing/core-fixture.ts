import type { Config } from '../config/index.ts';
import type { Ticket, TicketEventInput } from '../domain/index.ts';
import type { ApplyOptions } from '../engine/apply.ts';
import { type Answer, type Core, openCore } from '../engine/index.ts';
import { namesRedis } from '../redis/index.ts';
import { testConfig } from './config-fixture.ts';
import { randomPrefix, redisFixture, redisUrl, silentLog } from './redis-fixture.ts';

type WithoutHead<Event> = Event extends TicketEventInput
  ? Omit<Event, 'id' | 'ticketId' | 'cid'> & Partial<Event>
  : never;
/** What a test says of an event; id, ticket and cid are filled in. */
export type Told = WithoutHead<TicketEventInput>;

export const TICKET_ID = 'ACME-16';
export const RUNNER = 'runner-1';
export const by = 'ada';

export const workItem = (over: Record<string, unknown> = {}) => ({
  uuid: crypto.randomUUID(),
  projectId: 'project-acme',
  project: 'ACME',
  title: 'Login fails',
  priority: 'high' as const,
  labels: ['bug'],
  stateId: 'todo',
  ...over,
});

export const trigger = (over: { workItem?: Record<string, unknown>; description?: string } = {}): Told => ({
  type: 'trigger.seen',
  workItem: workItem(over.workItem),
  trigger: { type: 'new_ticket' },
  description: over.description ?? 'Steps to repeat',
});

export interface CoreFixture extends Core {
  tell(told: Told, options?: ApplyOptions): Promise<Answer>;
  /** Tells what must change the ticket. */
  change(told: Told): Promise<Extract<Answer, { kind: 'changed' }>>;
  ticket(id?: string): Promise<Ticket>;
  /** Id of the one open effect of that type. */
  openId(type: string, id?: string): Promise<string>;
}

/** A core over the tests' Redis, under a prefix of its own. */
export async function coreFixture(config: Config = testConfig()): Promise<CoreFixture> {
  await using stack = new AsyncDisposableStack();
  const settings = namesRedis(config.redis) ? config.redis : { ...config.redis, url: await redisUrl() };
  const redis = { ...settings, prefix: randomPrefix() };
  stack.use(await redisFixture(redis)); // outlives the core and removes what it wrote
  const core = stack.use(await openCore({ ...config, redis }, silentLog, 'wait'));
  const opened = stack.move();
  return { ...wrapCore(core), [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

export function wrapCore(core: Core): CoreFixture {
  let count = 0;
  const tell = (told: Told, options?: ApplyOptions): Promise<Answer> => {
    count += 1;
    // the head completes it; TypeScript loses sight of the union in the spread
    return core.apply(
      { id: `event-${count}`, ticketId: TICKET_ID, cid: 'cid-1', ...told } as TicketEventInput,
      options,
    );
  };
  const ticket = async (id = TICKET_ID): Promise<Ticket> => {
    const { ticket: found } = await core.store.load(id);
    if (!found) throw new Error(`there is no ticket ${id}`);
    return found;
  };
  return {
    ...core,
    tell,
    ticket,
    async change(told) {
      const answer = await tell(told);
      if (answer.kind !== 'changed') throw new Error(`${told.type} changed nothing: ${JSON.stringify(answer)}`);
      return answer;
    },
    async openId(type, id) {
      const found = Object.entries((await ticket(id)).open).filter(([, effect]) => effect.type === type);
      const [first] = found;
      if (!first || found.length > 1) throw new Error(`${found.length} open ${type}`);
      return first[0];
    },
  };
}

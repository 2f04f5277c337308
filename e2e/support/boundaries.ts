import { blockingClient } from '@pco/shared/redis';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

/** A moment in the life of a ticket that can be seen from outside. Resolves when it has come. */
export interface Moment {
  readonly reached: Promise<void>;
  /** Lets go of what was held, after the victim is dead. */
  release(): void;
}
/** Resolves once it is watching: what happens from then on is not missed. */
export type Boundary = (stack: Stack, ticketId: string) => Promise<Moment>;

/** A commit has just been made: its event stands in the feed. */
export const committed =
  (type: string, which: (event: Record<string, unknown>) => boolean = () => true): Boundary =>
  async (stack, ticketId) => {
    const begin =
      (await stack.handle.client.xrevrange(stack.handle.keys.events, '+', '-', 'COUNT', 1))[0]?.[0] ?? '0-0';
    const reader = blockingClient(stack.handle.client, stack.handle.keys.events);
    reader.on('error', () => undefined);
    const reached = (async () => {
      let last = begin;
      for (;;) {
        const answer = await reader.xread('BLOCK', 60_000, 'STREAMS', stack.handle.keys.events, last);
        for (const [id, fields] of answer?.[0]?.[1] ?? []) {
          last = id;
          const event = JSON.parse(fields[7] ?? '{}') as Record<string, unknown>; // our own feed
          if (fields[1] === ticketId && event.type === type && which(event)) return reader.disconnect();
        }
      }
    })();
    return { reached, release: () => undefined };
  };

/** A request to Plane is under way: not yet executed, or executed and its answer not yet sent. */
export const held =
  (method: string, pathPattern: string, when: 'before' | 'after'): Boundary =>
  async (stack) => {
    const id = stack.emulator.hold({ method, pathPattern, when });
    return {
      reached: stack.emulator.waitHeld(id, 60_000).then((request) => {
        if (!request) throw new Error(`no ${method} ${pathPattern} came`);
      }),
      // its client is dead: a request that was not executed never will be
      release: () => void stack.emulator.removeHold(id, { outcome: 'drop' }),
    };
  };

/** The agent runs: it has written its line, which nobody has read yet. */
export const agentStarted: Boundary = async (stack, ticketId) => ({
  reached: until('the agent has started', () => stack.starts(ticketId).length > 0).then(() => undefined),
  release: () => undefined,
});

/** The tmux session exists. */
export const tmuxSession: Boundary = async (stack, ticketId) => ({
  reached: until('tmux has the session', () => stack.hasSession(`claude-${ticketId}`)).then(() => undefined),
  release: () => undefined,
});

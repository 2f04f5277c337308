import { mayUse, type Role } from '@pco/shared/contracts/http';
import { SECOND_MS } from '@pco/shared/time';
import type { FastifyRequest } from 'fastify';
import type { Caller, Callers } from './callers.ts';

const PERIOD_MS = 5 * SECOND_MS;

/** By what a connection was let in: what its request shows, or the source of the caller who got a ticket for it. */
export type Right = Pick<FastifyRequest, 'headers' | 'caller'> | string;

export interface Stays extends Disposable {
  /** Calls `end` soon after the right does not hold any more. Gives what ends the watch. */
  keep(right: Right, role: Role, end: () => void): () => void;
}

interface Stay {
  readonly right: Right;
  readonly role: Role;
  readonly end: () => void;
}

/**
 * Connections that stay open longer than a token or a login may: streams of events and terminals. A request is asked who
 * it is once; these are asked again and again. While Redis cannot say, they stay.
 */
export function createStays(callers: Callers): Stays {
  const stays = new Set<Stay>();
  const holds = async ({ right, role }: Stay): Promise<boolean> => {
    const found = typeof right === 'string' ? await callers.bySource(right) : await callers.identify(right);
    return found !== null && typeof found !== 'string' && mayUse(found.role, role);
  };
  const timer = setInterval(() => {
    for (const stay of stays)
      holds(stay).then(
        (isSo) => {
          if (!isSo && stays.delete(stay)) stay.end();
        },
        () => undefined,
      );
  }, PERIOD_MS);
  return {
    keep(right, role, end) {
      if (isLocal(typeof right === 'string' ? right : right.caller)) return () => undefined;
      const stay = { right, role, end };
      stays.add(stay);
      return () => void stays.delete(stay);
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** Needs nothing that could be taken away. */
const isLocal = (of: Caller | string | null): boolean =>
  of === 'local' || (typeof of === 'object' && of?.source === 'local');

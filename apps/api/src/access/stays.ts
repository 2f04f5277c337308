import { mayUse, type Role } from '@pco/shared/contracts/http';
import { SECOND_MS } from '@pco/shared/time';
import type { FastifyRequest } from 'fastify';
import { type Caller, type Callers, cookieOf } from './callers.ts';

const PERIOD_MS = 5 * SECOND_MS;

/** By what a connection was let in: what its request shows, or the source of the caller who got a ticket for it. */
export type Right = Pick<FastifyRequest, 'headers' | 'caller'> | string;

export interface Stays extends Disposable {
  /** Calls `end` soon after the right does not hold any more. Gives what ends the watch. */
  keep(right: Right, role: Role, end: () => void): () => void;
}

/** Connections that came in by the same token or login. */
interface Group {
  readonly right: Right;
  readonly stays: Set<Stay>;
}

interface Stay {
  readonly role: Role;
  readonly end: () => void;
}

/**
 * Connections that stay open longer than a token or a login may: streams of events and terminals. A request is asked who
 * it is once; these are asked again and again, those of one right together. While Redis cannot say, they stay.
 */
export function createStays(callers: Pick<Callers, 'bySource' | 'identify'>, periodMs = PERIOD_MS): Stays {
  const groups = new Map<string, Group>();
  const roleOf = async (right: Right): Promise<Role | undefined> => {
    const found = typeof right === 'string' ? await callers.bySource(right) : await callers.identify(right);
    return found === null || typeof found === 'string' ? undefined : found.role;
  };
  const look = async ({ right, stays }: Group): Promise<void> => {
    const held = await roleOf(right);
    for (const stay of stays) if ((held === undefined || !mayUse(held, stay.role)) && stays.delete(stay)) stay.end();
  };
  const timer = setInterval(() => {
    for (const [key, group] of groups)
      if (group.stays.size === 0) groups.delete(key);
      else look(group).catch(() => undefined);
  }, periodMs);
  return {
    keep(right, role, end) {
      if (isLocal(typeof right === 'string' ? right : right.caller)) return () => undefined;
      const key = keyOf(right);
      const group = groups.get(key) ?? { right, stays: new Set() };
      groups.set(key, group);
      const stay = { role, end };
      group.stays.add(stay);
      return () => void group.stays.delete(stay);
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** The same for all that are identified alike: by a token where one is shown, else by the cookie. */
function keyOf(right: Right): string {
  if (typeof right === 'string') return `source ${right}`;
  const { headers } = right;
  return headers.authorization === undefined ? `login ${cookieOf(headers)}` : `token ${headers.authorization}`;
}

/** Needs nothing that could be taken away. */
const isLocal = (of: Caller | string | null): boolean =>
  of === 'local' || (typeof of === 'object' && of?.source === 'local');

import { z } from 'zod';
import { Matcher, toPredicate } from './match.ts';
import type { RequestEntry } from './request-log.ts';

/**
 * A hold catches the next `times` matching requests and keeps them, before they are executed or after they were
 * executed but before the answer is sent, until the test lets them go.
 *
 *   armed --request--> held --release--> let go (answered, cut or 500)
 *                       held --client vanishes--> held, aborted: ends unexecuted unless released with `execute`
 */
export const HoldSpec = Matcher.extend({
  when: z.enum(['before', 'after']),
  times: z.number().int().positive().default(1),
});
export type HoldSpec = z.input<typeof HoldSpec>;

export const Release = z.strictObject({
  /** Send the answer, cut the connection, or send this error status in place of the answer. */
  outcome: z.union([z.literal('answer'), z.literal('drop'), z.number().int().min(400).max(599)]).default('answer'),
  /** For `before`: execute it or not. By default executed when answered to a client that is still there. */
  execute: z.boolean().optional(),
});
export type Release = z.input<typeof Release>;

export interface HeldRequest {
  readonly holdId: string;
  readonly request: RequestEntry;
  /** The client has gone away meanwhile. */
  aborted: boolean;
}

/** What the server does with a request that was let go. */
export interface Verdict {
  readonly outcome: 'answer' | 'drop' | number;
  readonly execute: boolean;
}

export interface Holds {
  add(spec: HoldSpec): string;
  /** Resolves when a request is held by this hold, at once if one is already; undefined when the time is over. */
  waitHeld(id: string, timeoutMs?: number): Promise<HeldRequest | undefined>;
  /** Lets go of everything this hold holds now and says how many; it goes on catching until `times` is used up. */
  release(id: string, release?: Release): number;
  /** Ends the hold: nothing more is caught, what is held is let go. */
  remove(id: string, release?: Release): number;
  list(): { id: string; when: 'before' | 'after'; left: number; held: HeldRequest[] }[];
  /** Asked by the server at both points; `undefined` = not held. */
  catch(when: 'before' | 'after', entry: RequestEntry, gone: AbortSignal): Promise<Verdict> | undefined;
  /** Cuts everything, for the end. */
  close(): void;
}

interface Hold {
  readonly when: 'before' | 'after';
  readonly fits: (method: string, url: string) => boolean;
  left: number;
  readonly held: Map<HeldRequest, (verdict: Verdict) => void>;
  waiting: ((held: HeldRequest) => void)[];
}

const DEFAULT_WAIT_MS = 30_000;

export function createHolds(): Holds {
  const holds = new Map<string, Hold>();
  let last = 0;
  const find = (id: string): Hold => {
    const hold = holds.get(id);
    if (!hold) throw new Error(`there is no hold ${id}`);
    return hold;
  };
  const holdsApi: Holds = {
    add(spec) {
      const { when, times, ...matcher } = HoldSpec.parse(spec);
      last += 1;
      holds.set(`hold-${last}`, { when, fits: toPredicate(matcher), left: times, held: new Map(), waiting: [] });
      return `hold-${last}`;
    },
    waitHeld(id, timeoutMs = DEFAULT_WAIT_MS) {
      return waitFor(find(id), timeoutMs);
    },
    release(id, release = {}) {
      return letGo(find(id), Release.parse(release));
    },
    remove(id, release = {}) {
      const hold = find(id);
      holds.delete(id);
      return letGo(hold, Release.parse(release));
    },
    list() {
      return [...holds].map(([id, { when, left, held }]) => ({ id, when, left, held: [...held.keys()] }));
    },
    catch(when, entry, gone) {
      for (const [id, hold] of holds) {
        if (hold.when === when && hold.left > 0 && hold.fits(entry.method, entry.path))
          return keep(id, hold, entry, gone);
      }
      return undefined;
    },
    close() {
      for (const id of holds.keys()) holdsApi.remove(id, { outcome: 'drop', execute: false });
    },
  };
  return holdsApi;
}

function keep(holdId: string, hold: Hold, request: RequestEntry, gone: AbortSignal): Promise<Verdict> {
  hold.left -= 1;
  request.faultApplied = `held ${hold.when}`;
  const held: HeldRequest = { holdId, request, aborted: gone.aborted };
  gone.addEventListener('abort', () => {
    held.aborted = true;
  });
  const { promise, resolve } = Promise.withResolvers<Verdict>();
  hold.held.set(held, resolve);
  for (const tell of hold.waiting.splice(0)) tell(held);
  return promise;
}

function letGo(hold: Hold, { outcome, execute }: z.output<typeof Release>): number {
  const count = hold.held.size;
  for (const [held, resolve] of hold.held) {
    resolve({ outcome, execute: execute ?? (outcome === 'answer' && !held.aborted) });
  }
  hold.held.clear();
  return count;
}

function waitFor(hold: Hold, timeoutMs: number): Promise<HeldRequest | undefined> {
  const [first] = hold.held.keys();
  if (first) return Promise.resolve(first);
  return new Promise((resolve) => {
    const tell = (held: HeldRequest) => {
      clearTimeout(timer);
      resolve(held);
    };
    const timer = setTimeout(() => {
      hold.waiting = hold.waiting.filter((other) => other !== tell);
      resolve(undefined);
    }, timeoutMs);
    hold.waiting.push(tell);
  });
}

import { z } from 'zod';
import { Matcher, toPredicate } from './match.ts';

/** What is to happen to the next `times` matching requests, or to all of them. */
export const FaultSpec = z.discriminatedUnion('kind', [
  /** Answer this status without executing. */
  spec('status', { status: z.number().int().min(100).max(599), body: z.unknown().optional() }),
  /** 429 with this Retry-After, not executed. */
  spec('rate-limit', { retryAfterSeconds: z.number().int().nonnegative() }),
  /** Executed at once, answered this much later, or at random up to `toMs` later. */
  spec('slow', { ms: z.number().nonnegative(), toMs: z.number().nonnegative().optional() }),
  /** Executed, then a 500: what a broker outage after the commit looks like. */
  spec('error-after-commit', { status: z.number().int().min(500).max(599).default(500) }),
  /** Not executed; a page that is not JSON, as from a proxy. */
  spec('not-json', { status: z.number().int().default(200) }),
  /** The connection is cut, before or after the execution. */
  spec('drop', { when: z.enum(['before', 'after']).default('before') }),
  /** No answer for so long, and then none at all; executed or not. */
  spec('hang', { ms: z.number().nonnegative().default(30_000), when: z.enum(['before', 'after']).default('before') }),
  /** Executed; half of the answer. */
  spec('truncated', {}),
  /** What the same address was last answered, as from a copy of the database that lags behind. */
  spec('stale', {}),
  /** The look for an existing external id finds nothing, as when two requests race. */
  spec('duplicate', {}),
  /** Just before the execution the worker touches this item, by default the one listed last: pages shift. */
  spec('touch', { item: z.string().optional() }),
]);
export type FaultSpec = z.input<typeof FaultSpec>;
export type Fault = z.output<typeof FaultSpec>;

function spec<Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, shape: Shape) {
  return z.strictObject({
    kind: z.literal(kind),
    ...Matcher.shape,
    times: z.union([z.number().int().positive(), z.literal('always')]).default(1),
    /** Share of the matching requests that are hit. */
    probability: z.number().min(0).max(1).default(1),
    ...shape,
  });
}

export interface Faults {
  add(spec: FaultSpec): string;
  list(): { id: string; left: number | 'always'; fault: Fault }[];
  remove(id: string): void;
  clear(): void;
  /** The first fault that fits, used up by one. */
  take(method: string, url: string): Fault | undefined;
}

export function createFaults(): Faults {
  const faults = new Map<
    string,
    { fault: Fault; left: number | 'always'; fits: (method: string, url: string) => boolean }
  >();
  let last = 0;
  return {
    add(given) {
      const fault = FaultSpec.parse(given);
      const { method, pathPattern } = fault;
      last += 1;
      faults.set(`fault-${last}`, { fault, left: fault.times, fits: toPredicate({ method, pathPattern }) });
      return `fault-${last}`;
    },
    list: () => [...faults].map(([id, { fault, left }]) => ({ id, left, fault })),
    remove: (id) => void faults.delete(id),
    clear: () => faults.clear(),
    take(method, url) {
      for (const [id, entry] of faults) {
        if (!entry.fits(method, url) || Math.random() >= entry.fault.probability) continue;
        if (entry.left !== 'always') entry.left -= 1;
        if (entry.left === 0) faults.delete(id);
        return entry.fault;
      }
      return undefined;
    },
  };
}

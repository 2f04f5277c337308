import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Runner } from './runners.ts';
import type { Stack } from './stack.ts';

const run = promisify(execFile);
const PERIOD_MS = 100;

/** What was seen of a set of runners while tickets waited for them. */
export interface Occupancy {
  readonly samples: number;
  readonly mostAgents: number;
  /** Longest time in a row with fewer agents than slots while a ticket waited: several that follow each other count as one. */
  readonly longestDipMs: number;
}

/** Counts agents in tmux every 100 ms. */
export function watchOccupancy(stack: Stack, runners: readonly Runner[], slots: number) {
  const stop = new AbortController();
  const dip = createSpan();
  let [samples, mostAgents] = [0, 0];
  const look = async () => {
    const [agents, { approved }] = await Promise.all([
      Promise.all(runners.map(({ socket }) => countAgents(stack, socket))),
      stack.store.counts(),
    ]);
    const living = agents.reduce((sum, count) => sum + count, 0);
    samples += 1;
    mostAgents = Math.max(mostAgents, living);
    dip.see(living < slots && approved > 0, living >= slots);
  };
  const watching = (async () => {
    while (!stop.signal.aborted) {
      const next = performance.now() + PERIOD_MS;
      await look();
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())));
    }
  })();
  return {
    async end(): Promise<Occupancy> {
      stop.abort();
      await watching;
      return { samples, mostAgents, longestDipMs: dip.longestMs() };
    },
  };
}

async function countAgents({ env }: Stack, socket: string): Promise<number> {
  const listed = await run('tmux', ['-L', socket, 'list-panes', '-a', '-F', '#{session_name}'], { env }).catch(() => ({
    stdout: '',
  }));
  return listed.stdout.split('\n').filter((name) => name.startsWith('claude-')).length;
}

/** How long something lasted at most, counted from when it was first otherwise. */
function createSpan() {
  let hasBegun = false;
  let since: number | undefined;
  let longest = 0;
  return {
    see(isSo: boolean, isOtherwise: boolean) {
      const now = performance.now();
      hasBegun ||= isOtherwise;
      if (!isSo || !hasBegun) since = undefined;
      else {
        since ??= now;
        longest = Math.max(longest, now - since);
      }
    },
    longestMs: () => Math.round(longest),
  };
}

const Claimed = z.object({ type: z.literal('slot.claimed') });

/**
 * How long each slot that was freed stayed free, by the times of the commits: until the next claim on its runner, or until
 * the last claim of all when that runner took nothing more.
 */
export async function freeTimes(stack: Stack, ids: readonly string[], slots: number): Promise<number[]> {
  const byRunner = new Map<string, { claims: number[]; frees: number[] }>();
  for (const id of ids) {
    const { ticket } = await stack.store.load(id);
    const claim = (await stack.store.history(id)).find(({ event }) => Claimed.safeParse(event).success);
    const runner = ticket?.runner ?? '';
    const of = byRunner.get(runner) ?? { claims: [], frees: [] };
    byRunner.set(runner, of);
    if (claim) of.claims.push(claim.at);
    if (ticket?.session?.endedAt) of.frees.push(ticket.session.endedAt);
  }
  const all = [...byRunner.values()];
  const last = Math.max(...all.flatMap(({ claims }) => claims));
  return all.flatMap(({ claims, frees }) => {
    const next = claims.toSorted((a, b) => a - b).slice(slots);
    return frees.toSorted((a, b) => a - b).map((at, index) => Math.max(0, (next[index] ?? last) - at));
  });
}

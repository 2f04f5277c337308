import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Runner } from './runners.ts';
import type { Stack } from './stack.ts';

const run = promisify(execFile);
const PERIOD_MS = 100;

/** What was seen of a set of runners while tickets waited for them. */
export interface Occupancy {
  readonly samples: number;
  readonly mostAgents: number;
  /** Longest time in a row with fewer than all slots taken, and with fewer agents than slots, while a ticket waited. */
  readonly longestFreeMs: number;
  readonly longestDipMs: number;
}

/** Counts agents in tmux, and slots in Redis, every 100 ms. */
export function watchOccupancy(stack: Stack, runners: readonly Runner[], slots: number) {
  const stop = new AbortController();
  const free = createSpan();
  const dip = createSpan();
  let [samples, mostAgents] = [0, 0];
  const look = async () => {
    const [agents, taken, { approved }] = await Promise.all([
      Promise.all(runners.map(({ socket }) => countAgents(stack, socket))),
      stack.handle.client.scard(stack.handle.keys.slots('slots:all')),
      stack.store.counts(),
    ]);
    const living = agents.reduce((sum, count) => sum + count, 0);
    samples += 1;
    mostAgents = Math.max(mostAgents, living);
    free.see(taken < slots && approved > 0, taken >= slots);
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
      return { samples, mostAgents, longestFreeMs: free.longestMs(), longestDipMs: dip.longestMs() };
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

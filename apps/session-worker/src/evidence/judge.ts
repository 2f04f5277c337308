import type { ObservedState } from '@pco/shared/domain';
import { iso } from '@pco/shared/time';
import { latestEnd, openRequests, type Track } from './track.ts';

/** The agent's own word, from its status file; `at` is when it last changed. */
export interface AgentStatus {
  readonly state: 'idle' | 'busy' | 'waiting';
  readonly at: number;
  readonly waitingFor?: string | undefined;
}

/** Everything that is known of a session whose terminal lives, besides that. Times are of this host, in ms. */
export interface Evidence {
  readonly track: Track;
  readonly status?: AgentStatus | undefined;
  /** The launcher says that the agent has ended, and asks for a summary. */
  readonly ended?: { readonly exitCode: number | null; readonly at: number } | undefined;
  /** The transcript last grew. */
  readonly transcriptAt?: number | undefined;
  /** A headless agent's result, which follows the end of its turn at once, completes the ticket. */
  readonly awaitsResult?: boolean;
  /** So long the screen has been what it is; unknown until it was looked at twice. */
  readonly screenSince?: number | undefined;
}

export interface Seen {
  readonly state: ObservedState;
  readonly detail?: string;
  /** What the digits mean that answer it. */
  readonly choices?: readonly string[];
}

/** A hook over HTTP may be late by its timeout, 5 s, and is known by its arrival only. */
const LATE_MS = 6_000;
/** Clocks of one host agree far better. */
const FUTURE_MS = 30_000;
/** The hook that says what is asked takes so long to start; until then the status alone would tell half of it. */
const HOOK_START_MS = 700;
/** The end of a headless turn is its result's to tell first, so that nobody is called for a moment in between. */
const RESULT_MS = 400;

/**
 * What the agent does, or undefined when nothing speaks of it. Evidence from strong to weak: its own end, hooks, its
 * status file, transcript, silence of its terminal. The newest counts; of two at one instant the stronger. A tool hook
 * is known by its arrival and so proves work only where nothing exact speaks against it.
 */
export function judge(evidence: Evidence, now: number, silentAfterMs: number): Seen | undefined {
  const { ended } = evidence;
  if (ended) return { state: 'exited', detail: exitText(ended.exitCode) };
  const seen = fromAgent(evidence, now);
  if (seen && seen.state !== 'working') return seen;
  return silence(evidence, now, silentAfterMs) ?? seen;
}

export const exitText = (exitCode: number | null): string =>
  `the agent ended${exitCode === null ? '' : ` with exit code ${exitCode}`} and gave no summary; its terminal asks for one`;

type Claim = Seen & { readonly at: number };

function fromAgent({ track, status, awaitsResult }: Evidence, now: number): Seen | undefined {
  const over = latestEnd(track);
  const moments = [track.prompt?.at ?? 0, over?.at ?? 0, status && status.state !== 'waiting' ? status.at : 0];
  const request = openRequests(track).find(({ at }) => at > Math.max(...moments));
  if (request) return asSeen(request);

  const claims: Claim[] = [];
  if (over) claims.push({ at: over.at, state: over.state, detail: over.detail });
  if (track.prompt) claims.push({ at: track.prompt.at, state: 'working' });
  if (status && (status.state !== 'waiting' || now - status.at > HOOK_START_MS)) claims.push(fromStatus(status, over));
  const exact = newestOf(awaitsResult ? claims.filter((claim) => !isFreshEnd(claim, now)) : claims);
  const { tool } = track;
  if (tool && provesWork(tool, exact)) return { state: 'working' };
  if (!exact) return undefined;
  const { at: _, ...seen } = exact;
  return seen.state === 'working' ? { state: 'working' } : seen;
}

const asSeen = ({ state, detail, choices = [] }: Seen): Seen => ({
  state,
  ...(detail === undefined ? {} : { detail }),
  ...(choices.length === 0 ? {} : { choices }),
});

const isFreshEnd = ({ state, at }: Claim, now: number): boolean => state === 'turn_over' && now - at < RESULT_MS;

/** Not when it may be one that came late, nor beside an open question: other tools go on while one waits. */
function provesWork(tool: NonNullable<Track['tool']>, exact: Claim | undefined): boolean {
  if (!exact) return true;
  return exact.state !== 'asking' && exact.state !== 'permission' && tool.at > exact.at + LATE_MS;
}

function fromStatus({ state, at, waitingFor }: AgentStatus, over: ReturnType<typeof latestEnd>): Claim {
  if (state === 'busy') return { at, state: 'working' };
  if (state === 'waiting')
    return waitingFor === 'permission prompt'
      ? { at, state: 'permission', detail: 'the agent asks for a permission' }
      : { at, state: 'asking', detail: 'the agent asks a question' };
  // after the end of its turn it is idle: that says no more than the end itself
  if (over && Math.abs(at - over.at) < LATE_MS) return { at, state: over.state, detail: over.detail };
  return { at, state: 'turn_over', detail: 'the agent is idle: it was interrupted, or a request of it was refused' };
}

/** Sorting is stable and hooks come first: at one instant they win. */
const newestOf = <T extends { readonly at: number }>(claims: readonly T[]): T | undefined =>
  claims.toSorted((a, b) => b.at - a.at)[0];

function silence({ track, status, transcriptAt, screenSince }: Evidence, now: number, silentAfterMs: number) {
  if (screenSince === undefined) return undefined;
  const signs = [track.prompt?.at, track.tool?.at, status?.at, transcriptAt, screenSince];
  // a sign of the future was seen before the clock was set back
  const since = Math.max(...signs.map((at) => (at === undefined || at > now + FUTURE_MS ? 0 : at)));
  if (now - since < silentAfterMs) return undefined;
  return {
    state: 'silent',
    detail: `neither its hooks nor its terminal have shown anything since ${iso(since)}`,
  } as const;
}

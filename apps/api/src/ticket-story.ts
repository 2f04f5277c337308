import type { AttemptView, SessionView, TicketStory, WriteBackView } from '@pco/shared/contracts/http';
import { FINAL, STATUSES, type Ticket } from '@pco/shared/domain';
import { iso } from '@pco/shared/time';
import { z } from 'zod';

const Reason = z.object({ code: z.string(), text: z.string() });
/** What the history keeps of an event; entries of older releases have no attempt, stage and effect. */
const Entry = z.object({
  type: z.string(),
  from: z.enum(STATUSES).nullable(),
  to: z.enum(STATUSES),
  reason: Reason.optional(),
  session: z.string().optional(),
  attempt: z.number().int().default(1),
  stage: z.string().default(''),
  by: z.string().optional(),
  runner: z.string().optional(),
  exitCode: z.number().int().nullish(),
  effect: z.string().optional(),
  code: z.string().optional(),
  detail: z.string().optional(),
  result: z
    .object({
      branch: z.string().optional(),
      exitCode: z.number().int().nullish(),
      commentId: z.string().optional(),
      stateId: z.string().optional(),
      warning: z.string().optional(),
    })
    .default({}),
});
type Entry = z.output<typeof Entry>;

export interface HistoryEntry {
  readonly at: number;
  readonly event: unknown;
}

/** The story of a ticket: what its history tells, and what is still to come. */
export function storyOf(history: readonly HistoryEntry[], ticket: Ticket): TicketStory {
  const attempts: AttemptView[] = [];
  const sessions: SessionView[] = [];
  const writes: WriteBackView[] = [];
  let round = 0;
  for (const { at, event } of history) {
    const entry = Entry.safeParse(event).data;
    if (!entry) continue; // of a newer release
    if (entry.type === 'trigger.seen' && (entry.from === null || FINAL.has(entry.from))) round += 1;
    tellAttempt(attempts, entry, iso(at), Math.max(1, round));
    tellSession(sessions, attempts.at(-1), entry, iso(at));
    const write = outcomeOf(entry, iso(at));
    if (write) writes.push(write);
  }
  return { attempts, sessions, write_backs: [...writes, ...stillToCome(ticket)] };
}

/** From here on somebody else than the agent is to act, or nobody. */
const OVER: ReadonlySet<string> = new Set([
  'completed',
  'updating',
  'failed',
  'blocked',
  'cancelled',
  'done',
  'pending',
]);
const BECAUSE: Readonly<Record<string, AttemptView['because']>> = {
  'person.approved': 'approved',
  'person.retried': 'retried',
  'person.rejected': 'rejected',
};

function tellAttempt(attempts: AttemptView[], entry: Entry, at: string, round: number): void {
  const { type, from, to, by, attempt: number, stage, reason } = entry;
  const last = attempts.at(-1);
  const begins = to === 'approved' && from !== 'approved';
  const isBack = type === 'person.rejected' && to === 'active';
  if (last && last.ended_at === null && (begins || OVER.has(to)))
    Object.assign(last, { ended_at: at, outcome: begins ? (from ?? to) : to, reason: reason ?? null });
  if (!begins && !isBack) return;
  const because = BECAUSE[type] ?? 'automatic';
  const sessions = isBack && entry.session ? [entry.session] : [];
  attempts.push({
    ...{ round, number, stage, begun_at: at, begun_by: by ?? null, because },
    ...{ ended_at: null, outcome: null, reason: null, sessions },
  });
}

function tellSession(sessions: SessionView[], attempt: AttemptView | undefined, entry: Entry, at: string): void {
  const { type, effect, session: id, runner = '', result } = entry;
  if (type === 'slot.claimed' && id) {
    sessions.push({
      ...{ id, runner, claimed_at: at, started_at: null, completed_at: null },
      ...{ ended_at: null, exit_code: null, branch: null },
    });
    attempt?.sessions.push(id);
  }
  const session = sessions.findLast((one) => one.id === id);
  if (!session) return;
  if (type === 'completion.signalled') session.completed_at = at;
  if (type === 'effect.done' && effect === 'session.start') {
    session.started_at = at;
    session.branch = result.branch ?? null;
  }
  const hasEnded = type === 'session.ended' || (type === 'effect.done' && effect === 'session.stop');
  if (!hasEnded || session.ended_at !== null) return;
  session.ended_at = at;
  session.exit_code = entry.exitCode ?? result.exitCode ?? null;
}

const Write = z.enum(['plane.comment', 'plane.link', 'plane.state']);
const NOTHING = { comment_id: null, state_id: null, error_code: null, error: null } as const;

function outcomeOf({ type, effect, result, code, detail }: Entry, at: string): WriteBackView | undefined {
  const what = Write.safeParse(effect).data;
  if (!what || (type !== 'effect.done' && type !== 'effect.failed')) return undefined;
  const isDone = type === 'effect.done';
  return {
    ...{ effect: what, status: isDone ? 'done' : 'failed', since: null, at },
    ...{ comment_id: result.commentId ?? null, state_id: result.stateId ?? null },
    ...{ error_code: code ?? null, error: (isDone ? result.warning : detail) ?? null },
  };
}

/** A write that has failed for good stands in the history, and stays open until a person tries it again. */
function stillToCome({ open, lanes }: Ticket): WriteBackView[] {
  const under = Object.values(open).flatMap(({ type, since, parked }): WriteBackView[] => {
    const effect = Write.safeParse(type).data;
    if (!effect || parked) return [];
    return [{ effect, status: 'under_way', since: iso(since), at: null, ...NOTHING }];
  });
  const waiting = lanes.plane.flatMap(({ type }): WriteBackView[] => {
    const effect = Write.safeParse(type).data;
    return effect ? [{ effect, status: 'waiting', since: null, at: null, ...NOTHING }] : [];
  });
  return [...under, ...waiting];
}

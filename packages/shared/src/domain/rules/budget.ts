import { judgeBudget, type Limit, type Used, usedText, WARN_SHARE } from '../budget.ts';
import { type Draft, dropWork, stopSession } from '../draft.ts';
import { type ObservedState, sessionLives, type Ticket } from '../ticket.ts';
import { forgetMessage } from './talk.ts';
import { during, ignore, type RuleSet } from './verdict.ts';

/** What the agent's transcript says that its session has used. */
export const sessionUsed: RuleSet<'session.used'> = during(['active', 'waiting'], (draft, { sessionId, used }) => {
  const { ticket } = draft;
  if (ticket.session?.id !== sessionId) return ignore('another session of the ticket');
  ticket.session = { ...ticket.session, used };
  return keepBudget(draft) ? undefined : ignore('within its budget, or known');
});

/** Warns once of each limit that is near, and ends the session at one that is reached. Returns whether it did either. */
export function keepBudget(draft: Draft): boolean {
  const { ticket, policy } = draft;
  const { session } = ticket;
  if (!session) return false;
  const used = usedBy(ticket, draft.now);
  const { over, near } = judgeBudget(policy.budget, used);
  if (over) endAtLimit(draft, over, used);
  else {
    const warned = session.warned ?? [];
    const fresh = near.filter((limit) => !warned.includes(limit));
    if (fresh.length === 0) return false;
    ticket.session = { ...session, warned: [...warned, ...fresh] };
    draft.enqueue('notify', { kind: 'budget' });
  }
  return true;
}

function endAtLimit(draft: Draft, limit: Limit, used: Used): void {
  const { branch } = draft.ticket.session ?? {};
  const kept = branch === undefined ? '' : `; the work stays on the branch ${branch}`;
  const text = `stopped after ${usedText(limit, draft.policy.budget, used)}${kept}`;
  dropWork(draft);
  forgetMessage(draft);
  draft.move('failed', { code: `BUDGET_${limit.toUpperCase()}`, text });
  stopSession(draft);
  draft.enqueue('notify', { kind: 'failed' });
}

const usedBy = ({ session }: Ticket, now: number): Used => {
  const { ms = 0, since } = session?.clock ?? {};
  return { ...session?.used, ms: since === undefined ? ms : ms + now - since };
};

/** While it waits for a person, time stands still; an agent that hangs is no such thing. */
const AT_WORK: ReadonlySet<ObservedState> = new Set(['working', 'silent', 'unreachable']);
const isAtWork = (ticket: Ticket): boolean =>
  sessionLives(ticket) &&
  (ticket.status === 'active' || (ticket.status === 'waiting' && AT_WORK.has(ticket.observed?.state ?? 'dead')));

/** Starts or stops the session's clock as its ticket moves; a timer looks again when a limit comes near. */
export function keepTime(draft: Draft): void {
  const { ticket, policy, now } = draft;
  const { session } = ticket;
  if (policy.budget.ms === undefined || !session) return;
  const { ms = 0, since } = session.clock ?? {};
  const runs = isAtWork(ticket);
  if (runs && since === undefined) {
    ticket.session = { ...session, clock: { ms, since: now } };
    setTimer(draft);
  }
  if (!runs && since !== undefined) {
    ticket.session = { ...session, clock: { ms: ms + now - since } };
    draft.closeWhere(({ type, args }) => type === 'timer' && args.kind === 'budget');
  }
}

/** The time of a warning, or of the end, has come. */
export function budgetTimeUp(draft: Draft): void {
  keepBudget(draft);
  if (isAtWork(draft.ticket)) setTimer(draft);
}

function setTimer(draft: Draft): void {
  const { ticket, policy } = draft;
  const { ms: most = 0 } = policy.budget;
  const { ms = 0 } = usedBy(ticket, draft.now);
  const next = [most * WARN_SHARE, most].find((at) => at > ms) ?? ms;
  const sessionId = ticket.session?.id;
  if (sessionId) draft.enqueue('timer', { kind: 'budget', sessionId }, Math.max(1, Math.ceil(next - ms)));
}

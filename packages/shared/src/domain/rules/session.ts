import { type Draft, dropWork, stopSession, withdraw } from '../draft.ts';
import type { EventOf } from '../events.ts';
import { sessionName } from '../ids.ts';
import type { ObservedState, Ticket } from '../ticket.ts';
import type { Status } from '../ticket-status.ts';
import { finishStage } from './begin-session.ts';
import { withdrawTalk } from './talk.ts';
import { during, ignore, type Rule, type RuleSet, refuse } from './verdict.ts';

/** The claim is a commit: of two runners that saw the job, the second finds the effect closed. */
export const slotClaimed: RuleSet<'slot.claimed'> = {
  approved: (draft, { effectId, runner, tokenHash }) => {
    const { ticket, policy } = draft;
    if (ticket.open[effectId]?.type !== 'session.assign') return ignore('the claim is not open any more');
    draft.close(effectId);
    ticket.runner = runner;
    const id = sessionName(policy.sessionPrefix, ticket.id, ticket.sessionSeq);
    const repo = policy.exclusiveRepo === undefined ? {} : { repo: policy.exclusiveRepo };
    ticket.session = { id, projectId: ticket.workItem.projectId, stage: ticket.stage, ...repo, tokenHash };
    delete ticket.observed;
    delete ticket.summary;
    delete ticket.completedAt;
    delete ticket.result;
    draft.move('starting');
    draft.enqueue('session.start', { sessionId: ticket.session.id, runner });
    draft.enqueue('timer', { kind: 'start', sessionId: ticket.session.id }, policy.startTimeoutMs);
  },
  otherwise: () => refuse('TICKET_BUSY', 'the ticket does not wait for a runner'),
};

/** `working` needs nobody; everything else is shown as waiting, with the time: idle is not done. */
const statusFor = (state: ObservedState): Status => (state === 'working' ? 'active' : 'waiting');

const SEND_REASONS: ReadonlySet<string> = new Set(['SEND_UNCONFIRMED', 'SEND_REFUSED']);

const observe: Rule<'session.observed'> = (draft, { sessionId, state, detail, choices }) => {
  const { ticket } = draft;
  if (ticket.session?.id !== sessionId) return ignore('another session of the ticket');
  const last = ticket.observed;
  if (last?.state === state && last.detail === detail && JSON.stringify(last.choices) === JSON.stringify(choices))
    return ignore('nothing new');
  ticket.observed = {
    state,
    since: draft.now,
    ...(detail === undefined ? {} : { detail }),
    ...(choices === undefined ? {} : { choices }),
  };
  const to = statusFor(state);
  const asks = to === 'waiting' && ticket.status !== 'waiting';
  // whether a person's words arrived stays the first thing to know until the agent is at work again
  draft.move(to, to === 'waiting' && SEND_REASONS.has(ticket.reason?.code ?? '') ? ticket.reason : undefined);
  if (asks) draft.enqueue('notify', { kind: 'waiting' });
};

export const sessionObserved: RuleSet<'session.observed'> = during(['active', 'waiting'], observe);

const markEnded = (ticket: Ticket, now: number, { exitCode, spent }: EventOf<'session.ended'>): void => {
  if (ticket.session) ticket.session = { ...ticket.session, endedAt: now, exitCode, ...(spent ? { spent } : {}) };
};

const ended =
  (fails: boolean): Rule<'session.ended'> =>
  (draft, event) => {
    const { sessionId, exitCode } = event;
    const { ticket } = draft;
    if (ticket.session?.id !== sessionId || ticket.session.endedAt !== undefined)
      return ignore('not its living session');
    // its start may still create it, and would then run outside every slot
    if (Object.values(ticket.open).some(({ type }) => type === 'session.start')) return ignore('it is being started');
    markEnded(ticket, draft.now, event);
    withdraw(draft, 'session.stop');
    if (!fails) return;
    const how = exitCode === null ? 'its session disappeared' : `the agent ended with exit code ${exitCode}`;
    withdrawTalk(draft);
    ticket.observed = { state: exitCode === null ? 'dead' : 'exited', since: draft.now, detail: how };
    draft.move('failed', { code: 'NO_SUMMARY', text: `${how} and no summary was given` });
    draft.enqueue('notify', { kind: 'failed' });
  };

/** Only an agent that should be at work fails its ticket by ending; elsewhere its end just frees the slot. */
export const sessionEnded: RuleSet<'session.ended'> = {
  ...during(['active', 'waiting'], ended(true)),
  otherwise: ended(false),
};

/** An agent that was told to stop may still finish: a summary is never thrown away. */
export const completionSignalled: RuleSet<'completion.signalled'> = during(
  ['starting', 'active', 'waiting', 'failed'],
  (draft, { sessionId, summary }) => {
    const { ticket } = draft;
    if (ticket.session?.id !== sessionId) return ignore('a signal of another session');
    ticket.summary = summary;
    ticket.completedAt = draft.now;
    finishStage(draft);
  },
);

export function startFailed(draft: Draft, code: string, text: string): void {
  dropWork(draft);
  draft.move('failed', { code, text: text.slice(0, 4_000) });
  stopSession(draft);
  draft.enqueue('notify', { kind: 'failed' });
}

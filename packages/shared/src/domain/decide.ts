import { clonePlain } from './clone.ts';
import { type Change, openDraft } from './draft.ts';
import type { EventOf, EventType, TicketEvent } from './events.ts';
import type { Policy } from './policy.ts';
import { keepTime, sessionUsed } from './rules/budget.ts';
import { effectDone, effectFailed, timerDue } from './rules/outcome.ts';
import { approved, cancelled, rejected, retried, summaryEdited, updateApproved } from './rules/person.ts';
import { runnerBack, runnerGivenUp, runnerLost } from './rules/runner.ts';
import { completionSignalled, sessionEnded, sessionObserved, slotClaimed } from './rules/session.ts';
import { answered, interrupted, sent, stopped } from './rules/talk.ts';
import { type Ignore, ignore, type Refuse, type Rule, type RuleSet, refuse } from './rules/verdict.ts';
import { triggerSeen, workItemChanged, workItemClosed } from './rules/work-item.ts';
import type { Loaded, Ticket } from './ticket.ts';
import { FINAL, type Status } from './ticket-status.ts';

export type Decision = Change | Ignore | Refuse;

/** The whole behaviour of the product: event by event, what it means in each status. */
export const RULES: { readonly [Type in EventType]: RuleSet<Type> } = {
  'trigger.seen': triggerSeen,
  'work_item.changed': workItemChanged,
  'work_item.closed': workItemClosed,
  'person.approved': approved,
  'person.rejected': rejected,
  'person.cancelled': cancelled,
  'person.retried': retried,
  'person.sent': sent,
  'person.answered': answered,
  'person.interrupted': interrupted,
  'person.stopped': stopped,
  'person.summary_edited': summaryEdited,
  'person.update_approved': updateApproved,
  'slot.claimed': slotClaimed,
  'completion.signalled': completionSignalled,
  'session.observed': sessionObserved,
  'session.used': sessionUsed,
  'session.ended': sessionEnded,
  'runner.lost': runnerLost,
  'runner.back': runnerBack,
  'runner.given_up': runnerGivenUp,
  'effect.done': effectDone,
  'effect.failed': effectFailed,
  'timer.due': timerDue,
};

/**
 * What an event does to a ticket: `change` (the new ticket and the effects it opens and closes), `ignore` or
 * `refuse`. Pure: no I/O, no clock, no randomness; `base` is not touched.
 *
 * @param now time of Redis in ms since the epoch
 * @throws Error only for a rule that makes an illegal move, which is a bug
 */
export function decide(policy: Policy, base: Loaded, event: TicketEvent, now: number): Decision {
  const isNewRound = event.type === 'trigger.seen' && (base.ticket === null || FINAL.has(base.ticket.status));
  if (base.ticket === null && !isNewRound) return missing(event);
  const ticket = isNewRound
    ? newRound(policy, base.ticket, event, now)
    : // a ticket that is absent without a new round was answered above
      (clonePlain(base.ticket) as Ticket);
  const draft = openDraft(policy, base, ticket, event, now);
  if (BEGINS_WORK.has(event.type) && event.trace !== undefined) ticket.trace = event.trace;
  if (event.type.startsWith('person.') && event.cid !== ticket.cid) ticket.request = event.cid;
  const rule = ruleFor(event, isNewRound ? 'newRound' : ticket.status);
  if (!rule) return ignore(`${event.type} means nothing while the ticket is ${ticket.status}`);
  const verdict = rule(draft, event);
  if (verdict) return verdict;
  keepTime(draft);
  return draft.finish(event.type === 'slot.claimed' ? event.capacity : undefined);
}

/** What follows from one of these is one trace, whoever does it: a person's start, or a trigger that a rule approves. */
const BEGINS_WORK: ReadonlySet<EventType> = new Set(['trigger.seen', 'person.approved', 'person.retried']);

const missing = (event: TicketEvent): Decision =>
  event.type.startsWith('person.') ? refuse('TICKET_NOT_FOUND', 'there is no such ticket') : ignore('no such ticket');

function ruleFor(event: TicketEvent, situation: Status | 'newRound'): Rule<EventType> | undefined {
  const rules = RULES[event.type];
  // TypeScript does not see that a rule set and its event have the same type; RULES pairs them by its own type
  return (rules[situation] ?? rules.otherwise) as Rule<EventType> | undefined;
}

/** A fresh, pending ticket. What outlives a round: the count of sessions, and a session that is still to be ended. */
function newRound(policy: Policy, old: Ticket | null, event: EventOf<'trigger.seen'>, now: number): Ticket {
  const imported = old === null ? event.imported : undefined;
  return {
    id: event.ticketId,
    workItem: event.workItem,
    trigger: { ...event.trigger, at: now },
    workflow: policy.workflow.name,
    stage: policy.workflow.stages[0].name,
    attempt: 1,
    status: imported?.summary === undefined ? 'pending' : 'completed',
    statusSince: now,
    sessionSeq: old?.sessionSeq ?? 0,
    ...(old?.session ? { session: old.session } : {}),
    ...(old?.runner ? { runner: old.runner } : {}),
    counters: { rejections: 0, missedTriggers: 0 },
    cid: event.cid,
    ...(imported?.summary === undefined ? {} : { summary: imported.summary, completedAt: imported.completedAt ?? now }),
    createdAt: now,
    updatedAt: now,
    lanes: clonePlain(old?.lanes ?? { session: [], plane: [] }),
    open: clonePlain(old?.open ?? {}),
  };
}

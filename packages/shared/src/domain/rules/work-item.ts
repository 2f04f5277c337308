import { type Draft, dropWork, stopSession } from '../draft.ts';
import { sessionLives, type WorkItem } from '../ticket.ts';
import { beginSession } from './begin-session.ts';
import { during, ignore, type RuleSet, refuse } from './verdict.ts';

/** A trigger begins a round, or refreshes what we know of a ticket that is already on its way (B-059). */
export const triggerSeen: RuleSet<'trigger.seen'> = {
  newRound: (draft, { description, isAutoApproved, imported }) => {
    draft.setBody(description);
    if (imported) return draft.enqueue('notify', { kind: draft.ticket.status });
    if (isAutoApproved) {
      draft.ticket.approvedBy = 'policy';
      draft.ticket.approvedAt = draft.now;
    }
    if (isAutoApproved || draft.policy.workflow.stages[0].start === 'automatic') return beginSession(draft);
    draft.enqueue('notify', { kind: 'pending' });
  },
  pending: (draft, { workItem, trigger, description }) => {
    if (isAnother(draft, workItem)) return anotherItem(draft);
    draft.ticket.workItem = workItem;
    draft.ticket.trigger = { ...trigger, at: draft.now };
    draft.setBody(description);
  },
  otherwise: (draft, { workItem, description }) => {
    if (isAnother(draft, workItem)) return anotherItem(draft);
    draft.ticket.workItem = workItem;
    draft.ticket.counters.missedTriggers += 1;
    draft.setBody(description);
  },
};

/** A key is used again by another work item, after its project was deleted and made anew: the living ticket stays. */
const isAnother = (draft: Draft, { uuid }: WorkItem): boolean => draft.ticket.workItem.uuid !== uuid;
const anotherItem = ({ ticket }: Draft) => refuse('TICKET_EXISTS', `${ticket.id} is on its way for another work item`);

export const workItemChanged: RuleSet<'work_item.changed'> = {
  done: () => ignore('the ticket is finished'),
  cancelled: () => ignore('the ticket is finished'),
  otherwise: (draft, { workItem, description }) => {
    if (description === undefined && JSON.stringify(draft.ticket.workItem) === JSON.stringify(workItem))
      return ignore('nothing changed');
    draft.ticket.workItem = workItem;
    if (description !== undefined) draft.setBody(description);
  },
};

export const workItemClosed: RuleSet<'work_item.closed'> = {
  done: () => ignore('the ticket is finished'),
  cancelled: () => ignore('the ticket is finished'),
  // a person has approved that write, and it can still be made
  updating: (draft, { why, isThere }) => (isThere ? ignore('the write-back is under way') : close(draft, why, false)),
  ...during(
    ['pending', 'approved', 'starting', 'active', 'waiting', 'completed', 'in_review', 'blocked', 'failed'],
    (draft, { why, isThere = false }) => close(draft, why, isThere),
  ),
};

const close = (draft: Draft, why: string, isThere: boolean): void => {
  const { session } = draft.ticket;
  const kept = session?.branch === undefined ? '' : `; the work stays on the branch ${session.branch}`;
  const text = sessionLives(draft.ticket) ? `${why}; the session is stopped${kept}` : `${why}${kept}`;
  dropWork(draft);
  draft.move('cancelled', { code: isThere ? 'WORK_ITEM_CLOSED' : 'WORK_ITEM_GONE', text });
  stopSession(draft);
};

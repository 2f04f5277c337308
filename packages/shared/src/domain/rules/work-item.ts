import { type Draft, dropWork, stopSession } from '../draft.ts';
import type { WorkItem } from '../ticket.ts';
import { beginSession } from './begin-session.ts';
import { during, ignore, type RuleSet, refuse } from './verdict.ts';

/** A trigger begins a round, or refreshes what we know of a ticket that is already on its way (B-059). */
export const triggerSeen: RuleSet<'trigger.seen'> = {
  newRound: (draft, { description }) => {
    draft.setBody(description);
    if (draft.policy.workflow.stages[0].start === 'automatic') return beginSession(draft);
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
  ...during(['pending', 'approved', 'starting', 'active', 'waiting', 'completed'], (draft, { why }) =>
    close(draft, why),
  ),
  ...during(['in_review', 'updating', 'blocked', 'failed'], (draft, { why }) => close(draft, why)),
};

const close = (draft: Draft, why: string): void => {
  dropWork(draft);
  draft.move('cancelled', { code: 'WORK_ITEM_GONE', text: why });
  stopSession(draft);
};

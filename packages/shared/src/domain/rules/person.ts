import { type Draft, dropWork, isStopping, stopSession } from '../draft.ts';
import { EFFECTS } from '../effects.ts';
import { sessionLives } from '../ticket.ts';
import type { Status } from '../ticket-status.ts';
import { stageOf } from '../workflow.ts';
import { beginSession, leaveStage } from './begin-session.ts';
import { giveUpSession } from './runner.ts';
import { during, ignore, type Rule, type RuleSet, refuse } from './verdict.ts';

const notThere: Rule<'person.approved'> = () => refuse('TICKET_NOT_FOUND', 'the ticket is finished');

const approve: Rule<'person.approved'> = (draft, { by }) => {
  draft.ticket.approvedBy = by;
  draft.ticket.approvedAt = draft.now;
  beginSession(draft);
};

/** A new attempt of the stage after a failure; the summary of the failed one is not carried over. */
const again = (draft: Draft, by: string, resumes = false): void => {
  draft.ticket.attempt += 1;
  draft.ticket.approvedBy = by;
  draft.ticket.approvedAt = draft.now;
  delete draft.ticket.observed;
  beginSession(draft, resumes);
};

/** Approving again answers like the first time: no second session (B-076). */
export const approved: RuleSet<'person.approved'> = {
  pending: approve,
  ...during(['failed', 'blocked'], (draft, { by }) => again(draft, by)),
  ...during(['done', 'cancelled'], notThere),
  otherwise: () => ignore('already approved'),
};

/**
 * The summary is not good enough: the conversation goes on in the session if it is still there, else in a new one,
 * which gets the answer with its prompt. One that is being stopped is not there any more, and the new one waits for its end.
 */
export const rejected: RuleSet<'person.rejected'> = {
  completed: (draft, { by, text }) => {
    const { ticket } = draft;
    ticket.counters.rejections += 1;
    ticket.feedback = text;
    delete ticket.summary;
    delete ticket.completedAt;
    delete ticket.observed;
    const isThere = sessionLives(ticket) && !isStopping(ticket, draft.now);
    if (!isThere || !ticket.session || !ticket.runner) return again(draft, by, true);
    draft.closeWhere(({ type }) => type === 'session.stop' || type === 'completion.collect');
    ticket.lanes.session = [];
    draft.move('active');
    draft.enqueue('session.send', { sessionId: ticket.session.id, runner: ticket.runner });
  },
  otherwise: () => refuse('TICKET_NOT_FOUND', 'the ticket does not await a decision on its summary'),
};

export const cancelled: RuleSet<'person.cancelled'> = {
  done: () => refuse('TICKET_NOT_FOUND', 'the ticket is finished'),
  cancelled: () => ignore('already cancelled'),
  otherwise: (draft, { by }) => {
    dropWork(draft);
    draft.move('cancelled', { code: 'CANCELLED', text: `cancelled by ${by}` });
    stopSession(draft);
  },
};

/** Its runner is gone: a new attempt, on another one, of what an agent was at work on there. */
const restart: Rule<'person.retried'> = (draft, { by, givesUp }) => {
  const { ticket } = draft;
  if (ticket.runner !== givesUp || !sessionLives(ticket)) return refuse('TICKET_BUSY', 'it has no session there');
  giveUpSession(draft);
  if (RESTARTABLE.has(ticket.status)) again(draft, by);
};
const RESTARTABLE: ReadonlySet<Status> = new Set(['starting', 'active', 'waiting', 'failed', 'blocked']);

const orRestart =
  (rule: Rule<'person.retried'>): Rule<'person.retried'> =>
  (draft, event) =>
    event.givesUp === undefined ? rule(draft, event) : restart(draft, event);

/** Opens what failed once more: a parked effect under its old key, or a new attempt of the stage. */
export const retried: RuleSet<'person.retried'> = {
  ...during(
    ['failed', 'blocked'],
    orRestart((draft, { by, resume }) => again(draft, by, resume)),
  ),
  ...during(
    ['done', 'cancelled', 'pending'],
    orRestart((draft) =>
      draft.reopenParked() > 0 ? undefined : refuse('TICKET_NOT_FOUND', 'nothing of this ticket has failed'),
    ),
  ),
  otherwise: orRestart((draft) => (draft.reopenParked() > 0 ? undefined : ignore('nothing of this ticket has failed'))),
};

export const summaryEdited: RuleSet<'person.summary_edited'> = {
  completed: (draft, { summary }) => {
    draft.ticket.summary = summary;
  },
  otherwise: () => refuse('TICKET_NOT_FOUND', 'the ticket has no summary that awaits approval'),
};

/** The second gate. Approving again while the write-back runs changes nothing; a parked write is opened anew. */
export const updateApproved: RuleSet<'person.update_approved'> = {
  completed: (draft, { summary }) => {
    if (summary !== undefined) draft.ticket.summary = summary;
    leaveStage(draft, stageOf(draft.policy.workflow, draft.ticket.stage));
  },
  updating: (draft, { summary }) => {
    const parked = Object.values(draft.ticket.open).filter((effect) => effect.parked);
    if (parked.length === 0) return ignore('the write-back is under way');
    const isWritten = !parked.some(({ type }) => EFFECTS[type].lane === 'plane');
    if (summary !== undefined && !isWritten) draft.ticket.summary = summary;
    draft.reopenParked();
  },
  done: () => ignore('already written back'),
  otherwise: () => refuse('TICKET_NOT_FOUND', 'the ticket does not await an approval of its summary'),
};

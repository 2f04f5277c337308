import { type Draft, planStop, stopSession } from '../draft.ts';
import { type Stage, stageAfter, stageOf } from '../workflow.ts';
import { forgetMessage, withdrawTalk } from './talk.ts';

/**
 * Queues a new session for the ticket's present stage. An earlier session that still lives is ended first: the lane
 * keeps that order, so two sessions of one ticket never run at a time.
 */
export function beginSession(draft: Draft, resumes = false): void {
  const { ticket, policy } = draft;
  forgetMessage(draft);
  if (resumes) ticket.resume = true;
  else delete ticket.resume;
  stopSession(draft);
  ticket.sessionSeq += 1;
  draft.move('approved');
  draft.enqueue('session.assign', { pool: policy.pool });
}

/** The agent of the present stage has delivered: who looks at it next is the workflow's to say. */
export function finishStage(draft: Draft): void {
  const { ticket, policy } = draft;
  const stage = stageOf(policy.workflow, ticket.stage);
  withdrawTalk(draft);
  if (stage.review === 'person') {
    draft.move('completed');
    collect(draft);
    planStop(draft, policy.keepMs);
    draft.enqueue('notify', { kind: 'completed' });
    return;
  }
  collect(draft);
  leaveStage(draft, stage);
}

/** The result of a stage was accepted: on to the next stage, or to its approval, or to the write-back after the last. */
export function leaveStage(draft: Draft, stage: Stage): void {
  const { ticket, policy } = draft;
  const next = stageAfter(policy.workflow, stage.name);
  if (next) {
    ticket.stage = next.name;
    ticket.attempt = 1;
    if (next.start === 'automatic') {
      beginSession(draft);
      return;
    }
    draft.move('pending');
    draft.enqueue('notify', { kind: 'pending' });
    if (stage.review === 'automatic') planStop(draft, policy.keepMs);
    return;
  }
  draft.move('updating');
  for (const write of policy.workflow.writeBack) draft.enqueue(write);
  if (policy.workflow.writeBack.length === 0) draft.move('done');
  if (stage.review === 'automatic') planStop(draft, policy.keepMs);
}

const collect = (draft: Draft): void => {
  const { session, runner } = draft.ticket;
  if (session && runner) draft.enqueue('completion.collect', { sessionId: session.id, runner });
};

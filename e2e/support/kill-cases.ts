import { agentStarted, type Boundary, committed, held, tmuxSession } from './boundaries.ts';
import type { ServiceName } from './stack.ts';

/** Which part of the loop a test does by hand when the moment comes; everything else goes on by itself. */
export type Step = 'poll' | 'approve' | 'work' | 'update';

export interface KillCase {
  readonly victim: ServiceName | 'redis' | 'all';
  readonly moment: string;
  /** During this step of the loop. */
  readonly step: Step;
  readonly at: Boundary;
}

const comment = '/comments/(\\?|$)';
const item = '/work-items/[0-9a-f-]+/(\\?|$)';
const list = '/work-items/\\?';

/** At least thirty: every service and Redis, at every boundary of the loop where its death could lose or repeat something. */
export const KILL_CASES: readonly KillCase[] = [
  // the poller: before and after the request, before and after the commit, before the cursor is saved
  { victim: 'poller', moment: 'before Plane has answered the list', step: 'poll', at: held('GET', list, 'before') },
  { victim: 'poller', moment: 'with the list on its way', step: 'poll', at: held('GET', list, 'after') },
  { victim: 'poller', moment: 'while it reads the comments', step: 'poll', at: held('GET', comment, 'after') },
  {
    victim: 'poller',
    moment: 'while it reads the work item, before the commit',
    step: 'poll',
    at: held('GET', item, 'after'),
  },
  {
    victim: 'poller',
    moment: 'after the commit, before the cursor is saved',
    step: 'poll',
    at: committed('trigger.seen'),
  },
  // the api: at its two commits
  { victim: 'api', moment: 'right after the approval is committed', step: 'approve', at: committed('person.approved') },
  { victim: 'api', moment: 'while it waits for the session', step: 'approve', at: committed('slot.claimed') },
  {
    victim: 'api',
    moment: 'right after the update is committed',
    step: 'update',
    at: committed('person.update_approved'),
  },
  { victim: 'api', moment: 'while it waits for Plane', step: 'update', at: held('POST', comment, 'after') },
  // the session-worker: claim, start, completion, stop
  { victim: 'session-worker', moment: 'as the approval arrives', step: 'approve', at: committed('person.approved') },
  {
    victim: 'session-worker',
    moment: 'right after the claim, before the start',
    step: 'approve',
    at: committed('slot.claimed'),
  },
  { victim: 'session-worker', moment: 'after tmux has the session, before it knows', step: 'approve', at: tmuxSession },
  {
    victim: 'session-worker',
    moment: 'after the agent has started, before the start is committed',
    step: 'approve',
    at: agentStarted,
  },
  {
    victim: 'session-worker',
    moment: 'right after the start is committed',
    step: 'approve',
    at: committed('effect.done', ({ to }) => to === 'active'),
  },
  {
    victim: 'session-worker',
    moment: 'right after the completion is committed',
    step: 'work',
    at: committed('completion.signalled'),
  },
  {
    victim: 'session-worker',
    moment: 'after the result is collected, before the stop',
    step: 'work',
    at: committed('effect.done', ({ from }) => from === 'completed'),
  },
  { victim: 'session-worker', moment: 'while Plane is written', step: 'update', at: held('POST', comment, 'before') },
  // the terminal service
  { victim: 'tmux-session-service', moment: 'as the start begins', step: 'approve', at: committed('slot.claimed') },
  {
    victim: 'tmux-session-service',
    moment: 'after tmux has the session, before its answer',
    step: 'approve',
    at: tmuxSession,
  },
  { victim: 'tmux-session-service', moment: 'after the agent has started', step: 'approve', at: agentStarted },
  {
    victim: 'tmux-session-service',
    moment: 'as the session is to be stopped',
    step: 'work',
    at: committed('completion.signalled'),
  },
  // the plane-writer: around each of its requests
  {
    victim: 'plane-writer',
    moment: 'as the update is approved',
    step: 'update',
    at: committed('person.update_approved'),
  },
  { victim: 'plane-writer', moment: 'while it reads the work item', step: 'update', at: held('GET', item, 'after') },
  {
    victim: 'plane-writer',
    moment: 'before Plane has the comment',
    step: 'update',
    at: held('POST', comment, 'before'),
  },
  {
    victim: 'plane-writer',
    moment: "after Plane's 201, before the answer arrives",
    step: 'update',
    at: held('POST', comment, 'after'),
  },
  {
    victim: 'plane-writer',
    moment: 'after the comment is committed, before the state',
    step: 'update',
    at: committed('effect.done', ({ from }) => from === 'updating'),
  },
  { victim: 'plane-writer', moment: 'before Plane has the state', step: 'update', at: held('PATCH', item, 'before') },
  {
    victim: 'plane-writer',
    moment: 'after Plane has the state, before the answer arrives',
    step: 'update',
    at: held('PATCH', item, 'after'),
  },
  // Redis
  { victim: 'redis', moment: 'while the poller reads Plane', step: 'poll', at: held('GET', item, 'after') },
  {
    victim: 'redis',
    moment: 'right after the approval is committed',
    step: 'approve',
    at: committed('person.approved'),
  },
  { victim: 'redis', moment: 'right after the claim', step: 'approve', at: committed('slot.claimed') },
  { victim: 'redis', moment: 'after the agent has started', step: 'approve', at: agentStarted },
  {
    victim: 'redis',
    moment: 'right after the completion is committed',
    step: 'work',
    at: committed('completion.signalled'),
  },
  {
    victim: 'redis',
    moment: "after Plane's 201, before the answer arrives",
    step: 'update',
    at: held('POST', comment, 'after'),
  },
  { victim: 'redis', moment: 'after Plane has the state', step: 'update', at: held('PATCH', item, 'after') },
  // everything at once
  { victim: 'all', moment: 'right after the trigger is committed', step: 'poll', at: committed('trigger.seen') },
  { victim: 'all', moment: 'right after the claim', step: 'approve', at: committed('slot.claimed') },
  { victim: 'all', moment: 'after the agent has started', step: 'approve', at: agentStarted },
  {
    victim: 'all',
    moment: 'right after the completion is committed',
    step: 'work',
    at: committed('completion.signalled'),
  },
  {
    victim: 'all',
    moment: "after Plane's 201, before the answer arrives",
    step: 'update',
    at: held('POST', comment, 'after'),
  },
];

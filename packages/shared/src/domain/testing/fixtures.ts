import type { Budget } from '../budget.ts';
import type { TicketEventInput } from '../events.ts';
import type { Policy } from '../policy.ts';
import type { WorkItem } from '../ticket.ts';
import { SUPERVISED, type Workflow } from '../workflow.ts';

export const TICKET_ID = 'ACME-16';
export const FIRST_SESSION = 'claude-ACME-16';
export const RUNNER = 'runner-1';
export const KEEP_MS = 600_000;
export const START_TIMEOUT_MS = 120_000;

/** Small enough that random worlds meet its limits. */
export const BUDGET = { turns: 10, ms: 600_000, tokens: 1_000, costUsd: 5 };

export const WORK_ITEM = {
  uuid: '0b2f8a3e-5b0c-4f6e-9d3a-1c2b3a4d5e6f',
  projectId: 'project-acme',
  project: 'ACME',
  title: 'Login fails',
  priority: 'high',
  labels: ['bug'],
  stateId: 'todo',
} as const;

/** Everything automatic, nothing written back: a workflow that the product does not ship. */
export const UNATTENDED: Workflow = {
  name: 'unattended',
  stages: [
    { name: 'plan', role: 'planner', start: 'automatic', review: 'automatic', sessions: 2 },
    { name: 'build', role: 'developer', start: 'automatic', review: 'automatic', sessions: 1 },
  ],
  writeBack: [],
};

/** A person at every door, and the writes in the other order. */
export const ATTENDED: Workflow = {
  name: 'attended',
  stages: [
    { name: 'plan', role: 'planner', start: 'person', review: 'automatic' },
    { name: 'build', role: 'developer', start: 'person', review: 'person' },
    { name: 'check', role: 'reviewer', start: 'person', review: 'person' },
  ],
  writeBack: ['plane.state', 'plane.comment'],
};

export const policyFor = (workflow: Workflow = SUPERVISED, budget: Budget = {}): Policy => ({
  installation: 'inst1',
  workflow,
  pool: 'default',
  sessionPrefix: 'claude-',
  keepMs: KEEP_MS,
  startTimeoutMs: START_TIMEOUT_MS,
  budget,
  limits: { all: 5, project: 3 },
});

type WithoutHead<Event> = Event extends TicketEventInput ? Omit<Event, 'id' | 'ticketId' | 'cid'> : never;
/** What a test says of an event; the rest is filled in. */
export type Told = WithoutHead<TicketEventInput>;

export const by = 'ada';
export const trigger = (
  over: { title?: string; priority?: WorkItem['priority']; labels?: string[]; projectId?: string } = {},
): Told => ({
  type: 'trigger.seen',
  workItem: { ...WORK_ITEM, labels: [...WORK_ITEM.labels], ...over },
  trigger: { type: 'new_ticket' },
  description: 'Steps to repeat',
});

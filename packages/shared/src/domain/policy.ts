import type { Budget } from './budget.ts';
import type { Workflow } from './workflow.ts';

/** What `decide` knows besides the ticket: the workflow and the project's settings. Plain data. */
export interface Policy {
  /** Random id of this installation; part of every key written to Plane. */
  readonly installation: string;
  readonly workflow: Workflow;
  readonly pool: string;
  readonly sessionPrefix: string;
  /** How long a session stays after its completion. */
  readonly keepMs: number;
  /** A start that has not ended after so long fails visibly. */
  readonly startTimeoutMs: number;
  /** What one session may use up. */
  readonly budget: Budget;
  /** Names the repository that sessions work in themselves, one at a time on each runner. */
  readonly exclusiveRepo?: string | undefined;
  readonly limits: { readonly all: number; readonly project: number };
}

/** Most members of a slot set. */
export function slotLimit(policy: Policy, set: string, runnerCapacity: number): number {
  if (set === 'slots:all') return policy.limits.all;
  if (set.startsWith('slots:project:')) return policy.limits.project;
  if (set.startsWith('slots:runner:')) return runnerCapacity;
  if (set.startsWith('slots:repo:')) return 1;
  const stage = policy.workflow.stages.find(({ name }) => set === `slots:stage:${name}`);
  return stage?.sessions ?? Number.MAX_SAFE_INTEGER;
}

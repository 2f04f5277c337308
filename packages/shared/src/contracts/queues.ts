import { z } from 'zod';
import { EffectId, TicketId, WorkItemUuid } from '../domain/ids.ts';
import { defineQueue, familyOf, type QueueContract } from './define-queue.ts';

/** The job of an effect carries ids only: whoever takes it asks the ticket. */
export const EffectJob = z.object({
  ticketId: TicketId,
  effectId: EffectId,
  /** Correlation id of the ticket's round. */
  cid: z.string().max(100),
  /** Id of the request of a person from which it follows. */
  request: z.string().max(100).optional(),
});
export type EffectJob = z.output<typeof EffectJob>;

export const PollJob = z.object({
  projectId: z.string().min(1).max(64),
  /** Only this work item, which a webhook has hinted at, instead of the whole project. */
  workItem: WorkItemUuid.optional(),
  /** Correlation id of the delivery that hinted. */
  cid: z.string().max(100).optional(),
});
export type PollJob = z.output<typeof PollJob>;

/** Look at a project of Plane, or at one work item. Filled by a job scheduler per project, and by webhooks. */
export const PlaneRead = defineQueue({
  family: 'plane-read',
  schema: PollJob,
  jobs: { attempts: 3, backoffMs: 2_000 },
});

/** An approved ticket waits here for a runner of its pool: `session.<pool>`. Its depth is what one scales on. */
export const SessionQueue = defineQueue({
  family: 'session',
  schema: EffectJob,
  jobs: { attempts: 5, backoffMs: 500 },
});

/** What only one host can do to a session: `runner.<runner>`. */
export const RunnerQueue = defineQueue({
  family: 'runner',
  schema: EffectJob,
  jobs: { attempts: 5, backoffMs: 1_000 },
});

/** Collects what a completed session has produced: `completion.<runner>`. */
export const CompletionQueue = defineQueue({
  family: 'completion',
  schema: EffectJob,
  jobs: { attempts: 5, backoffMs: 1_000 },
});

/** Comments and states for Plane, in order per ticket because the next opens when the previous has an outcome. */
export const PlaneWrite = defineQueue({
  family: 'plane-write',
  schema: EffectJob,
  jobs: { attempts: 5, backoffMs: 1_000 },
});

/** Tells people that they are waited for. */
export const Notify = defineQueue({ family: 'notify', schema: EffectJob, jobs: { attempts: 5, backoffMs: 1_000 } });

const ALL: readonly QueueContract[] = [PlaneRead, SessionQueue, RunnerQueue, CompletionQueue, PlaneWrite, Notify];

/** @returns undefined for a queue of a newer version */
export const contractOf = (queueName: string): QueueContract | undefined =>
  ALL.find(({ family }) => family === familyOf(queueName));

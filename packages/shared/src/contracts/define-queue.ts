import type { z } from 'zod';

/** How BullMQ treats the jobs of a queue. Neither retention carries correctness: the outbox does. */
export interface JobPolicy {
  readonly attempts: number;
  /** First wait after a failure; doubles, with half of it at random. */
  readonly backoffMs: number;
}

/**
 * A kind of queue: its payload and how its jobs are retried. A family has one queue (`plane-write`) or one per
 * instance (`runner.<runner>`). Contracts grow by optional fields; a breaking change is a new family name.
 */
export interface QueueContract<Schema extends z.ZodType = z.ZodType> {
  readonly family: string;
  readonly schema: Schema;
  readonly jobs: JobPolicy;
}

export const defineQueue = <Schema extends z.ZodType>(contract: QueueContract<Schema>): QueueContract<Schema> =>
  contract;

export const familyOf = (queueName: string): string => queueName.split('.', 1)[0] ?? queueName;

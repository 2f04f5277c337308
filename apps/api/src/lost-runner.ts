import type { Core } from '@pco/shared/engine';
import { AppError } from '@pco/shared/errors';
import { createRunnerStore } from '@pco/shared/redis';

/** @throws AppError RUNNER_ALIVE: what runs there would go on beside its successor */
export async function checkGone({ redis }: Core, runner: string): Promise<void> {
  const found = await createRunnerStore(redis.client, redis.keys).get(runner);
  if (found?.heartbeat) throw new AppError('RUNNER_ALIVE', { why: runner });
}

/** The runner that is given up with a retry elsewhere. */
export async function givingUp(core: Core, ticketId: string): Promise<{ givesUp?: string }> {
  const { ticket } = await core.store.load(ticketId);
  if (!ticket?.runner) return {};
  await checkGone(core, ticket.runner);
  return { givesUp: ticket.runner };
}

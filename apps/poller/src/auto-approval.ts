import { FINAL } from '@pco/shared/domain';
import type { Answer } from '@pco/shared/engine';
import type { WorkItemRow } from '@pco/shared/plane';
import { loadScript } from '@pco/shared/redis';
import { z } from 'zod';
import { passes } from './filters.ts';
import type { Poll } from './poll.ts';

const takeApproval = loadScript('take-approval.lua', z.number());

/**
 * Approves by the project's rule the round that an event is about to begin. It is counted before the event is
 * committed, under the event's id: a crash in between leaves it counted, and its repetition is not counted again. So
 * there are never more than the limit, and a lost race costs at most one of the day.
 */
export async function approve(poll: Poll, row: WorkItemRow, ticketId: string, eventId: string): Promise<boolean> {
  const { core, rules } = poll;
  const { autoApprove } = rules;
  if (!autoApprove || !passes(autoApprove, row)) return false;
  const { ticket } = await core.store.load(ticketId);
  if (ticket && !FINAL.has(ticket.status)) return false;
  return (await takeApproval(core.redis.client, [keyOf(poll)], [eventId, autoApprove.per_day])) === 1;
}

/** Gives back what was counted for an event that began no round after all. */
export async function settleApproval(poll: Poll, eventId: string, answer: Answer): Promise<void> {
  const isUsed =
    answer.kind === 'seen' || (answer.kind === 'changed' && answer.ticket.createdAt === answer.ticket.updatedAt);
  if (!isUsed) await poll.core.redis.client.zrem(keyOf(poll), eventId);
}

const keyOf = ({ core, rules, projectId }: Poll): string =>
  core.redis.keys.approvals(rules.approvalsOf === 'project' ? projectId : 'all');

import type { ObservedState } from '../../domain/ticket.ts';
import type { Status } from '../../domain/ticket-status.ts';

// Without a schema: a browser shows its first cards before it has any.

/** Why a ticket needs a person, the most urgent first: an agent that asks stands still and holds a slot. */
export const KINDS = ['asks', 'approve', 'update', 'failed', 'blocked'] as const;
export type Kind = (typeof KINDS)[number];

interface Standing {
  readonly status: Status;
  readonly error: string | null;
  readonly waiting_for: { readonly state: ObservedState } | null;
  readonly write_back_waits_for: object | null;
}

/** Undefined for a ticket that needs nobody just now. */
export function kindOf({ status, error, waiting_for, write_back_waits_for }: Standing): Kind | undefined {
  if (waiting_for?.state === 'unreachable') return 'blocked';
  if (status === 'waiting') return 'asks';
  if (status === 'pending') return 'approve';
  if (status === 'completed') return 'update';
  if (status === 'updating') return error !== null ? 'failed' : write_back_waits_for ? 'blocked' : undefined;
  return status === 'failed' || status === 'blocked' ? status : undefined;
}

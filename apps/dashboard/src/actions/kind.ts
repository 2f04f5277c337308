import type { TicketView } from '@pco/shared/contracts/http';

/** Why a ticket needs a person, the most urgent first: an agent that asks stands still and holds a slot. */
export const KINDS = ['asks', 'approve', 'update', 'failed'] as const;
export type Kind = (typeof KINDS)[number];

export interface Card {
  readonly kind: Kind;
  readonly ticket: TicketView;
}

/** Undefined for a ticket that needs nobody just now. */
export function kindOf({ status, error }: TicketView): Kind | undefined {
  if (status === 'waiting') return 'asks';
  if (status === 'pending') return 'approve';
  if (status === 'completed') return 'update';
  if (status === 'updating') return error === null ? undefined : 'failed';
  return status === 'failed' || status === 'blocked' ? 'failed' : undefined;
}

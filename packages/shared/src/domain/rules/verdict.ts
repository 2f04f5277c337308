import type { ErrorCode } from '../../errors.ts';
import type { Draft } from '../draft.ts';
import type { EventOf, EventType } from '../events.ts';
import type { Status } from '../ticket-status.ts';

/** Nothing to do, and nobody did anything wrong. */
export interface Ignore {
  readonly kind: 'ignore';
  readonly why: string;
}
/** Somebody asked for what cannot be done now. */
export interface Refuse {
  readonly kind: 'refuse';
  readonly code: Extract<ErrorCode, 'TICKET_NOT_FOUND' | 'TICKET_BUSY' | 'TICKET_EXISTS'>;
  readonly why: string;
}

export const ignore = (why: string): Ignore => ({ kind: 'ignore', why });
export const refuse = (code: Refuse['code'], why: string): Refuse => ({ kind: 'refuse', code, why });

/** Changes the draft, or says why not. */
// biome-ignore lint/suspicious/noConfusingVoidType: a rule that changes the draft just ends
export type Rule<Type extends EventType> = (draft: Draft, event: EventOf<Type>) => void | Ignore | Refuse;

/**
 * What an event means in each status, and for a ticket whose round it begins. A status that is not named:
 * `otherwise`, and without one it means nothing.
 */
export type RuleSet<Type extends EventType> = { readonly [S in Status | 'newRound' | 'otherwise']?: Rule<Type> };

/** One rule for several statuses. */
export const during = <Type extends EventType>(statuses: readonly Status[], rule: Rule<Type>): RuleSet<Type> =>
  // fromEntries widens the keys to string; they are exactly the statuses given
  Object.fromEntries(statuses.map((status) => [status, rule])) as RuleSet<Type>;

import type { Config } from '@pco/shared/config';
import type { WorkItemRow } from '@pco/shared/plane';
import { isAssigned, passes } from './filters.ts';
import type { Seen } from './poll-store.ts';
import type { Rules } from './rules.ts';

export type Triggers = Config['triggers'];
export type FoundTrigger = 'new_ticket' | 'status_change' | 'comment_added';

/** What is known of a work item's state: before this look, and now. */
export interface StateChange {
  readonly from: string | null;
  readonly to: string | null;
}

/** What one look at a work item shows, compared with the look before. */
export interface Change {
  /** Never seen before, or not let through by the filters before: and somebody else's doing. */
  readonly isNew: boolean;
  /** The filters let it through. */
  readonly passes: boolean;
  /** The group of its present state. */
  readonly group: string | null;
  readonly state: StateChange | undefined;
  /** Whoever was assigned is not any more, and that was not our doing. */
  readonly isUnassigned: boolean;
}

/** What takes requests to find out. */
export interface Findings {
  readonly isOwnState: boolean;
  readonly hasNewComment: boolean;
}

/** A new work item is work only when somebody has planned it: not in the backlog, not finished (B-053). */
const PLANNED: ReadonlySet<string> = new Set(['unstarted', 'started']);
const CLOSED: ReadonlySet<string> = new Set(['completed', 'cancelled']);

export const isPlanned = (group: string | null): boolean => group !== null && PLANNED.has(group);
const isClosed = (group: string | null): boolean => group !== null && CLOSED.has(group);

/** @param me the token's user: what it made or moved is not news */
export function compare(rules: Rules, before: Seen | null, row: WorkItemRow, me: string): Change {
  const isThrough = passes(rules.filters, row);
  const known = before?.gone ? null : before;
  const wasHeldBack = known?.passed === false && known.rule === rules.fingerprint;
  const isOurEdit = row.updatedBy === me;
  return {
    isNew: known === null ? row.createdBy !== me : wasHeldBack && isThrough && !isOurEdit,
    passes: isThrough,
    group: row.state.group,
    state: known && known.stateId !== row.state.id ? { from: known.stateName, to: row.state.name } : undefined,
    isUnassigned: rules.closeOnUnassign && known?.assigned === true && !isAssigned(rules.filters, row) && !isOurEdit,
  };
}

/**
 * Whether that change of state is one that was asked for (B-037). `true` means all but those that end the work: a work
 * item that somebody has completed asks for nothing. A pair that names its state does.
 */
export function wantsStateChange(triggers: Triggers, { from, to }: StateChange, group: string | null = null): boolean {
  const wanted = triggers.status_changes;
  if (typeof wanted === 'boolean') return wanted && !isClosed(group);
  const is = (pattern: string | undefined, name: string | null) =>
    pattern === undefined || pattern.toLowerCase() === name?.toLowerCase();
  return wanted.some((pair) => is(pair.from, from) && is(pair.to, to) && (pair.to !== undefined || !isClosed(group)));
}

/** At most one trigger per work item and look, the most telling one first (B-053). */
export function findTrigger(
  triggers: Triggers,
  change: Change,
  { isOwnState, hasNewComment }: Findings,
): FoundTrigger | undefined {
  if (!change.passes) return undefined;
  if (change.isNew && triggers.new_tickets && isPlanned(change.group)) return 'new_ticket';
  const moved = isOwnState ? undefined : change.state;
  if (moved && wantsStateChange(triggers, moved, change.group)) return 'status_change';
  // who closes a work item often says why in a comment
  const isClosing = moved !== undefined && isClosed(change.group);
  return hasNewComment && triggers.comments && !isClosing ? 'comment_added' : undefined;
}

/** @returns why a ticket of that work item needs no work any more, for a person; undefined while it does */
export function findClosing(triggers: Triggers, { state, group, isUnassigned }: Change, isOwnState: boolean) {
  if (state && !isOwnState && isClosed(group) && !wantsStateChange(triggers, state, group))
    return `${group} in Plane${state.to === null ? '' : ` ("${state.to.slice(0, 255)}")`}`;
  return isUnassigned ? 'nobody it was meant for is assigned in Plane any more' : undefined;
}

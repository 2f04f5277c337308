import type { Config } from '@pco/shared/config';

export type Triggers = Config['triggers'];

/** What is known of a work item's state: before this poll, and now. */
export interface StateChange {
  readonly from: string | null;
  readonly to: string | null;
}

/** A new work item is work only when somebody has planned it: not in the backlog, not finished (B-053). */
const PLANNED: ReadonlySet<string> = new Set(['unstarted', 'started']);

export const isPlanned = (group: string | null): boolean => group !== null && PLANNED.has(group);

/** Whether that change of state is one that was asked for (B-037). */
export function wantsStateChange(triggers: Triggers, { from, to }: StateChange): boolean {
  const wanted = triggers.status_changes;
  if (typeof wanted === 'boolean') return wanted;
  const is = (pattern: string | undefined, name: string | null) =>
    pattern === undefined || pattern.toLowerCase() === name?.toLowerCase();
  return wanted.some((pair) => is(pair.from, from) && is(pair.to, to));
}

export interface Change {
  readonly isNew: boolean;
  readonly group: string | null;
  readonly state: StateChange | undefined;
  readonly isOwnState: boolean;
  readonly hasNewComment: boolean;
}

/** At most one trigger per work item and poll, the most telling one first (B-053). */
export function findTrigger(
  triggers: Triggers,
  change: Change,
): 'new_ticket' | 'status_change' | 'comment_added' | undefined {
  if (change.isNew && triggers.new_tickets && isPlanned(change.group)) return 'new_ticket';
  if (!change.isNew && change.state && !change.isOwnState && wantsStateChange(triggers, change.state))
    return 'status_change';
  if (change.hasNewComment && triggers.comments) return 'comment_added';
  return undefined;
}

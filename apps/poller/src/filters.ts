import type { Filters } from '@pco/shared/config';
import { PRIORITIES } from '@pco/shared/domain';
import type { WorkItemRow } from '@pco/shared/plane';

/** What filters look at. */
export type Filterable = Pick<WorkItemRow, 'namedLabels' | 'assignees' | 'priority' | 'state'>;

/** Whether a work item is one of those that are meant. */
export function passes(filters: Filters, row: Filterable): boolean {
  const { labels_any, labels_none, assignees_any, priorities, priority_at_most, state_groups } = filters;
  const labels = row.namedLabels.flatMap(({ id, name }) => [id, name]);
  const priority: string = row.priority;
  if (labels_any && !overlap(labels_any, labels)) return false;
  if (labels_none && overlap(labels_none, labels)) return false;
  if (assignees_any && !isAssigned(filters, row)) return false;
  if (priorities && !priorities.some((wanted) => wanted === priority)) return false;
  if (priority_at_most && rank(priority) < rank(priority_at_most)) return false;
  return !state_groups || state_groups.some((group) => group === row.state.group);
}

/** Whether one of the people that the filter names is assigned; without such a filter anybody. */
export function isAssigned({ assignees_any }: Filters, { assignees }: Pick<Filterable, 'assignees'>): boolean {
  if (!assignees_any) return assignees.length > 0;
  return overlap(
    assignees_any,
    assignees.flatMap(({ id, displayName, email }) => [id, displayName, email]),
  );
}

/** The most urgent is 0; a priority that we do not know counts as none. */
const rank = (priority: string): number => {
  const index = (PRIORITIES as readonly string[]).indexOf(priority);
  return index === -1 ? PRIORITIES.length - 1 : index;
};

const overlap = (wanted: readonly string[], given: readonly (string | null)[]): boolean => {
  const names = new Set(given.map((name) => name?.toLowerCase()));
  return wanted.some((name) => names.has(name.toLowerCase()));
};

import { createHash } from 'node:crypto';
import type { AutoApprove, Config, Filters, ProjectConfig } from '@pco/shared/config';
import type { Expand } from '@pco/shared/plane';

/** What holds for the work items of one project: the global settings with those of the project over them. */
export interface Rules {
  readonly triggers: Config['triggers'];
  readonly filters: Filters;
  readonly autoApprove: AutoApprove | undefined;
  /** Whose approvals are counted together: those of the project, or of all that have no rule of their own. */
  readonly approvalsOf: 'project' | 'all';
  readonly closeOnUnassign: boolean;
  readonly initialScan: Config['plane']['initial_scan'];
  /** Changes with what lets work items through, so that a new filter makes no old work item news. */
  readonly fingerprint: string;
  /** What lists are asked for: Plane pays for labels and assignees row by row. */
  readonly fields: readonly string[];
  readonly expand: Expand;
}

const FIELDS = ['sequence_id', 'name', 'state', 'priority', 'labels', 'created_at', 'created_by', 'updated_by'];

export function rulesOf(config: Config, section: ProjectConfig | undefined): Rules {
  const filters = section?.filters ?? config.filters;
  const own = section?.auto_approve;
  const autoApprove = (own === undefined ? config.auto_approve : own) || undefined;
  const closeOnUnassign = section?.close_on_unassign ?? config.plane.close_on_unassign;
  const asks = [filters, autoApprove ?? {}];
  const needsAssignees = closeOnUnassign || asks.some(({ assignees_any }) => assignees_any);
  const needsLabels = asks.some(({ labels_any, labels_none }) => labels_any || labels_none);
  return {
    triggers: { ...config.triggers, ...defined(section?.triggers ?? {}) },
    filters,
    autoApprove,
    approvalsOf: own === undefined ? 'all' : 'project',
    closeOnUnassign,
    initialScan: section?.initial_scan ?? config.plane.initial_scan,
    fingerprint: createHash('sha256').update(JSON.stringify(filters)).digest('base64url').slice(0, 8),
    fields: needsAssignees ? [...FIELDS, 'assignees'] : FIELDS,
    expand: ['state', ...(needsLabels ? ['labels' as const] : []), ...(needsAssignees ? ['assignees' as const] : [])],
  };
}

/** Overrides of a project without the keys it does not set. */
const defined = <T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  // filtering removes exactly the undefined values
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

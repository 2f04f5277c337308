import type { Config, ProjectConfig } from '@pco/shared/config';
import type { WorkItem } from '@pco/shared/domain';
import type { Core } from '@pco/shared/engine';
import type { Logger } from '@pco/shared/log';
import type { PlaneClient, WorkItemRow } from '@pco/shared/plane';
import type { Triggers } from './find-triggers.ts';
import type { PollStore } from './poll-store.ts';

export interface PollDeps {
  readonly config: Config;
  readonly core: Core;
  readonly plane: PlaneClient;
  readonly polls: PollStore;
  readonly log: Logger;
  /** The token's own user: what it wrote triggers nothing. */
  me(): Promise<string>;
}

/** A poll in the making: the project, and the lease under which it writes. */
export interface Poll extends PollDeps {
  readonly projectId: string;
  readonly identifier: string;
  readonly triggers: Triggers;
  readonly section: ProjectConfig | undefined;
  /** Fencing token of the poll's lease; null when another poller took the project over. */
  token(): string | null;
  /** Work items found changed by somebody else, of which a webhook should have told. */
  readonly foreign: Set<string>;
}

export const toWorkItem = ({ projectId, identifier }: Poll, row: WorkItemRow): WorkItem => ({
  uuid: row.id,
  projectId,
  project: identifier,
  title: row.name,
  priority: row.priority as WorkItem['priority'], // the event's schema maps anything unknown to `none`
  labels: row.labels,
  stateId: row.state.id,
  createdAt: Date.parse(row.createdAt),
  updatedAt: Math.floor(row.updatedUs / 1_000),
});

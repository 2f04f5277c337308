import type { Config } from '@pco/shared/config';
import type { WorkItem } from '@pco/shared/domain';
import type { Core } from '@pco/shared/engine';
import type { Logger } from '@pco/shared/log';
import type { PlaneClient, WorkItemRow } from '@pco/shared/plane';
import { isAssigned, passes } from './filters.ts';
import type { PollStore, Seen } from './poll-store.ts';
import type { Rules } from './rules.ts';
import type { SweepStore } from './sweep-store.ts';

export interface PollDeps {
  readonly config: Config;
  readonly core: Core;
  readonly plane: PlaneClient;
  readonly polls: PollStore;
  readonly sweeps: SweepStore;
  readonly log: Logger;
  /** The token's own user: what it wrote triggers nothing. */
  me(): Promise<string>;
  /** Most rows that a page of this Plane may have; found out when it is first asked for more. */
  readonly largestPage: { rows: number };
}

/** A poll in the making: the project, and the lease under which it writes. */
export interface Poll extends PollDeps {
  readonly projectId: string;
  readonly identifier: string;
  readonly rules: Rules;
  /** Of the webhook that hinted, for what is triggered by it. */
  readonly cid?: string | undefined;
  /** Aborts when the poll should end early. */
  readonly signal: AbortSignal;
  /** Fencing token of the poll's lease; null when another poller took the project over. */
  token(): string | null;
  /** How many work items there should be, as far as this poll has come. */
  readonly count: { total: number };
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

export const toSeen = ({ filters, fingerprint }: Rules, row: WorkItemRow, commentsUs?: number): Seen => ({
  updatedUs: row.updatedUs,
  stateId: row.state.id,
  stateName: row.state.name,
  passed: passes(filters, row),
  rule: fingerprint,
  assigned: isAssigned(filters, row),
  ...(commentsUs === undefined ? {} : { commentsUs }),
});

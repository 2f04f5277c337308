import { join } from 'node:path';
import type { Config } from '@pco/shared/config';
import type { WorkItem } from '@pco/shared/domain';
import type { Core } from '@pco/shared/engine';
import type { Logger } from '@pco/shared/log';
import type { PlaneLink } from '@pco/shared/plane';
import type { EvidenceStore } from './evidence/evidence-store.ts';
import { type SessionFiles, sessionFiles } from './session-files.ts';
import type { SessionsClient } from './sessions-client.ts';
import type { PrepareWorkspace } from './workspace.ts';

/** What every part of a session-worker works with. */
export interface Host {
  readonly config: Config;
  readonly core: Core;
  readonly log: Logger;
  readonly runner: string;
  readonly capacity: number;
  /** Our user: completion files of other users are refused. */
  readonly uid: number;
  readonly sessions: SessionsClient;
  readonly prepareWorkspace: PrepareWorkspace;
  /** Environment that agents inherit in part. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Address of our own HTTP server, for hooks. */
  readonly url: string;
  readonly paths: Paths;
  files(sessionId: string): SessionFiles;
  /** HTML of what people said about a work item in Plane, oldest first. */
  comments(workItem: Pick<WorkItem, 'projectId' | 'uuid'>, signal: AbortSignal): Promise<readonly string[]>;
  /** Addresses that people put beside a work item. */
  links(workItem: Pick<WorkItem, 'projectId' | 'uuid'>, signal: AbortSignal): Promise<readonly PlaneLink[]>;
  /** What is known of each session; can be read again from its folder. */
  readonly evidence: EvidenceStore;
  /** Sessions to watch, each with what its ticket was last told; filled anew by every look at tmux. */
  readonly watched: Map<string, string>;
}

export interface Paths {
  readonly sessions: string;
  readonly spool: string;
  readonly kept: string;
  readonly worktrees: string;
  /** Our scripts, on the agents' PATH. */
  readonly scripts: string;
}

export const hostPaths = (config: Config): Paths => ({
  sessions: join(config.data_dir, 'sessions'),
  spool: join(config.data_dir, 'spool'),
  kept: join(config.data_dir, 'signals'),
  worktrees: config.automation.worktree_root ?? join(config.data_dir, 'worktrees'),
  scripts: join(import.meta.dirname, '../../../scripts'),
});

export const makeFiles =
  (paths: Paths) =>
  (sessionId: string): SessionFiles =>
    sessionFiles(paths.sessions, sessionId);

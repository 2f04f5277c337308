import { accessRoutes } from './access.ts';
import { decisionRoutes } from './decisions.ts';
import { diffRoutes } from './diff.ts';
import { feedRoutes } from './feed.ts';
import { historyRoutes } from './history.ts';
import { inboxRoutes } from './inbox.ts';
import { operationRoutes } from './operations.ts';
import { previewRoutes } from './preview.ts';
import { projectRoutes } from './projects.ts';
import type { Route } from './route.ts';
import { runnerRoutes } from './runners.ts';
import { setupRoutes } from './setup.ts';
import { terminalRoutes } from './terminals.ts';
import { ticketFileRoutes } from './ticket-files.ts';
import { ticketListRoutes } from './ticket-list.ts';
import { ticketRoutes } from './tickets.ts';
import { transcriptRoutes } from './transcript.ts';
import { transcriptionRoutes } from './transcription.ts';

export { Me, TokenView } from './access.ts';
export * from './common.ts';
export { TestTicket } from './decisions.ts';
export { BranchDiff, type Changes, type FileChange } from './diff.ts';
export * from './feed.ts';
export { HISTORY_MAX_MINUTES, History, type HistoryColumn } from './history.ts';
export { Inbox } from './inbox.ts';
export { KINDS, type Kind, kindOf } from './kinds.ts';
export { Health } from './operations.ts';
export { UpdatePreview } from './preview.ts';
export { ProjectView, QueueView } from './projects.ts';
export * from './route.ts';
export { RunnerView } from './runners.ts';
export { HostChecks, Setup, SetupCheck } from './setup.ts';
export * from './terminal-frames.ts';
export * from './ticket-files.ts';
export * from './ticket-list.ts';
export {
  type AttemptView,
  type SessionView,
  TicketDetail,
  type TicketStory,
  TicketView,
  type WriteBackView,
} from './tickets.ts';
export * from './transcript.ts';
export { RECORDING_MAX_BYTES, Transcription } from './transcription.ts';

/** Every operation of the api by its name (`operationId`). Beside it stand Bull Board, the pages of `/docs`, and the sessions of runners in their own protocol. */
export const ROUTES = {
  ...ticketListRoutes,
  ...ticketRoutes,
  ...inboxRoutes,
  ...ticketFileRoutes,
  ...feedRoutes,
  ...decisionRoutes,
  ...previewRoutes,
  ...operationRoutes,
  ...historyRoutes,
  ...setupRoutes,
  ...runnerRoutes,
  ...projectRoutes,
  ...terminalRoutes,
  ...transcriptRoutes,
  ...transcriptionRoutes,
  ...diffRoutes,
  ...accessRoutes,
} as const satisfies Record<string, Route>;
export type RouteName = keyof typeof ROUTES;

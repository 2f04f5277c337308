export { type BudgetKind, type PlaneBudget, unlimitedBudget } from './budget.ts';
export { type CommentFacts, commentHtml } from './comment-html.ts';
export { escapeHtml } from './escape-html.ts';
export { htmlToMarkdown } from './html-markdown.ts';
export { microsToIso, parseMicros } from './micros.ts';
export { OWN_SOURCE } from './own-source.ts';
export { type PlaneState, pickCompletedState } from './pick-state.ts';
export {
  type CommentOutcome,
  createPlaneClient,
  type Expand,
  type LinkOutcome,
  type ListOptions,
  type NewComment,
  type NewLink,
  type PlaneClient,
  type PlaneClientOptions,
} from './plane-client.ts';
export type {
  Me,
  Page,
  PlaneActivity,
  PlaneComment,
  PlaneLink,
  PlaneProject,
  WorkItem,
  WorkItemRow,
} from './schemas.ts';
export { createStateCache, type StateCache, targetState } from './state-cache.ts';
export { OPERATIONS } from './transport.ts';
export { type WebPlace, workItemUrl } from './web-url.ts';
export { isSigned, readDelivery, type WebhookDelivery } from './webhook-delivery.ts';
export {
  MISSES_ALLOWED,
  type WebhookFacts,
  type WebhookState,
  webhookAdvice,
  webhookState,
} from './webhook-health.ts';

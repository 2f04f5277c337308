/** What a ticket can be. Docs of each status: docs/glossary.md. */
export const STATUSES = [
  'pending',
  'approved',
  'starting',
  'active',
  'waiting',
  'completed',
  'in_review',
  'updating',
  'done',
  'blocked',
  'failed',
  'cancelled',
] as const;
export type Status = (typeof STATUSES)[number];

/** Nothing more happens by itself to a ticket in one of these; a new trigger begins a new round. */
export const FINAL: ReadonlySet<Status> = new Set(['done', 'cancelled']);

/**
 * The legal moves. `decide` refuses to make any other, so a rule that forgets a case fails loudly in the property
 * tests instead of leaving a ticket where nothing can reach it.
 */
export const MOVES: Readonly<Record<Status, readonly Status[]>> = {
  pending: ['approved', 'cancelled'],
  approved: ['starting', 'failed', 'cancelled'],
  starting: ['active', 'completed', 'pending', 'approved', 'updating', 'in_review', 'failed', 'cancelled'],
  active: ['waiting', 'completed', 'pending', 'approved', 'updating', 'in_review', 'failed', 'cancelled'],
  waiting: ['active', 'completed', 'pending', 'approved', 'updating', 'in_review', 'failed', 'cancelled'],
  completed: ['updating', 'active', 'pending', 'approved', 'cancelled'],
  in_review: ['approved', 'completed', 'blocked', 'cancelled'],
  updating: ['done', 'cancelled'],
  blocked: ['approved', 'cancelled'],
  failed: ['pending', 'approved', 'completed', 'updating', 'in_review', 'cancelled'],
  done: ['pending', 'approved'],
  cancelled: ['pending', 'approved'],
};

export const isLegalMove = (from: Status, to: Status): boolean => from === to || MOVES[from].includes(to);

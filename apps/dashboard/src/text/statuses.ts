/** What a ticket can be, in the words of a reader. */
export const statuses = {
  pending: 'Awaits approval',
  approved: 'Queued',
  starting: 'Starting',
  active: 'Working',
  waiting: 'Waiting',
  completed: 'Summary to approve',
  in_review: 'In review',
  updating: 'Updating Plane',
  done: 'Done',
  blocked: 'Blocked',
  failed: 'Failed',
  cancelled: 'Cancelled',
} as const;

/** What an agent was last seen doing. */
export const observed = {
  working: 'The agent works',
  asking: 'The agent asks a question',
  permission: 'The agent asks for a permission',
  silent: 'The agent has been silent for long',
  limited: 'The agent waits for its usage limit',
  turn_over: 'The agent has ended its turn',
  exited: 'The agent has ended; its terminal asks for a summary',
  dead: 'Its terminal is gone',
  unreachable: 'Its runner cannot be reached',
} as const;

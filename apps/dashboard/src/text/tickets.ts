/** Words of the list of all tickets. */
export const tickets = {
  title: 'Tickets',
  search: 'Search tickets',
  searchHint: 'Words of id, title, project, branch or label',
  project: 'Project',
  everyProject: 'All projects',
  statuses: 'Status',
  everyStatus: 'All',
  none: 'No tickets yet',
  noneMore: 'A work item of Plane becomes a ticket when it is assigned, moved or commented on as you configured.',
  noMatch: 'No ticket matches',
  clear: 'Clear filters',
  loadingMore: 'Loading more…',
  moreFailed: 'The next tickets could not be loaded.',
  origin: (project: string, trigger: string) => `${project} · ${trigger}`,
  attempt: (attempt: number) => `attempt ${attempt}`,
  keys: 'Keys: j and k move, Enter opens, / searches',
} as const;

export const TABS = ['timeline', 'attempts', 'transcript', 'diff', 'terminal'] as const;
export type Tab = (typeof TABS)[number];

export const tabOf = (search: URLSearchParams): Tab => TABS.find((tab) => tab === search.get('tab')) ?? 'timeline';

/** The address of a part of a ticket's page; `session` where another session than the last one is meant. */
export function tabPath(ticketId: string, tab: Tab, session?: string): string {
  const search = new URLSearchParams({ ...(tab === 'timeline' ? {} : { tab }), ...(session ? { session } : {}) });
  const path = `/tickets/${encodeURIComponent(ticketId)}`;
  return search.size > 0 ? `${path}?${search}` : path;
}

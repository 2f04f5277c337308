const past = (unit: string) => (count: number) => `${count} ${unit}${count === 1 ? '' : 's'} ago`;

/** Words that every page uses. */
export const common = {
  product: 'Plane Automation',
  loading: 'Loading…',
  retryLoad: 'Try again',
  dismiss: 'Dismiss',
  notice: 'Notice',
  cancel: 'Cancel',
  close: 'Close',
  login: { title: 'Log in', label: 'Access token', button: 'Log in', busy: 'Logging in…' },
  account: (name: string) => `Account of ${name}`,
  logout: 'Log out',
  theme: { label: 'Theme', system: 'System', light: 'Light', dark: 'Dark' },
  health: { online: 'Online', degraded: 'Degraded', offline: 'Offline' },
  ago: {
    now: 'now',
    minute: past('minute'),
    hour: past('hour'),
    day: (count: number) => (count === 1 ? 'yesterday' : past('day')(count)),
  },
  stale: 'No live connection: what you see may be old. Reconnecting…',
  skipToContent: 'Skip to content',
  nav: {
    label: 'Pages',
    inbox: 'Inbox',
    automation: 'Plane',
    tickets: 'Tickets',
    terminals: 'Terminals',
    fleet: 'Fleet',
    setup: 'Setup',
  },
  notFound: { title: 'There is no such page', back: 'To the inbox' },
  brokenPage: 'This page could not be shown.',
  triggers: { new_ticket: 'New', status_change: 'State changed', comment_added: 'Commented', manual_test: 'By hand' },
  priorities: { urgent: 'urgent', high: 'high', medium: 'medium', low: 'low', none: 'no priority' },
} as const;

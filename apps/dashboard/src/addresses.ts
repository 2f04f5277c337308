import type { ROUTES } from '@pco/shared/contracts/http';
import type { FileOf } from './declared.ts';

type Declared = typeof ROUTES;
interface Address<Name extends keyof Declared> extends Pick<Declared[Name], 'method' | 'path'> {
  /** The file of its declaration. */
  readonly in: FileOf<Name>;
}
type Addresses = { readonly [Name in keyof Declared]?: Address<Name> };

/** Where the operations are that the page calls. Their declarations come after the first picture; the compiler holds this to them. */
export const ADDRESSES = {
  me: { in: 'access', method: 'GET', path: '/api/me' },
  login: { in: 'access', method: 'POST', path: '/api/login' },
  logout: { in: 'access', method: 'POST', path: '/api/logout' },
  health: { in: 'operations', method: 'GET', path: '/health' },
  setup: { in: 'setup', method: 'GET', path: '/api/setup' },
  events: { in: 'feed', method: 'GET', path: '/api/events' },

  inbox: { in: 'inbox', method: 'GET', path: '/api/inbox' },
  pendingTickets: { in: 'tickets', method: 'GET', path: '/api/pending-tickets' },
  activeSessions: { in: 'tickets', method: 'GET', path: '/api/active-sessions' },
  completedTickets: { in: 'tickets', method: 'GET', path: '/api/completed-tickets' },
  tickets: { in: 'ticket-list', method: 'GET', path: '/api/tickets' },
  ticket: { in: 'tickets', method: 'GET', path: '/api/tickets/:ticketId' },
  diff: { in: 'diff', method: 'GET', path: '/api/tickets/:ticketId/diff' },
  transcript: { in: 'transcript', method: 'GET', path: '/api/tickets/:ticketId/transcript' },
  transcriptStream: { in: 'transcript', method: 'GET', path: '/api/tickets/:ticketId/transcript/stream' },
  previewUpdate: { in: 'preview', method: 'GET', path: '/api/tickets/:ticketId/preview' },
  previewSummary: { in: 'preview', method: 'POST', path: '/api/tickets/:ticketId/preview' },

  approve: { in: 'decisions', method: 'POST', path: '/api/approve/:ticketId' },
  updatePlane: { in: 'decisions', method: 'POST', path: '/api/update-plane/:ticketId' },
  editSummary: { in: 'decisions', method: 'PATCH', path: '/api/tickets/:ticketId' },
  deleteTicket: { in: 'decisions', method: 'DELETE', path: '/api/tickets/:ticketId' },
  reject: { in: 'decisions', method: 'POST', path: '/api/tickets/:ticketId/reject' },
  retry: { in: 'decisions', method: 'POST', path: '/api/tickets/:ticketId/retry' },
  complete: { in: 'decisions', method: 'POST', path: '/api/tickets/:ticketId/complete' },
  answer: { in: 'decisions', method: 'POST', path: '/api/tickets/:ticketId/answer' },
  send: { in: 'decisions', method: 'POST', path: '/api/tickets/:ticketId/send' },
  interrupt: { in: 'decisions', method: 'POST', path: '/api/tickets/:ticketId/interrupt' },
  stop: { in: 'decisions', method: 'POST', path: '/api/tickets/:ticketId/stop' },
  transcribe: { in: 'transcription', method: 'POST', path: '/api/transcribe' },

  terminal: { in: 'terminals', method: 'GET', path: '/api/tickets/:ticketId/terminal' },
  createTerminalTicket: { in: 'terminals', method: 'POST', path: '/api/tickets/:ticketId/terminal-tickets' },
  replay: { in: 'terminals', method: 'GET', path: '/api/tickets/:ticketId/replay' },
  recordings: { in: 'terminals', method: 'GET', path: '/api/tickets/:ticketId/recordings' },
  recording: { in: 'terminals', method: 'GET', path: '/api/tickets/:ticketId/recordings/:name' },

  projects: { in: 'projects', method: 'GET', path: '/api/projects' },
  pollProject: { in: 'projects', method: 'POST', path: '/api/projects/:projectId/poll' },
  queues: { in: 'projects', method: 'GET', path: '/api/queues' },
  runners: { in: 'runners', method: 'GET', path: '/api/runners' },
  giveUpRunner: { in: 'runners', method: 'DELETE', path: '/api/runners/:runner' },
  history: { in: 'history', method: 'GET', path: '/api/history' },
} as const satisfies Addresses;

/** What the page may call, by the names of the declarations. */
export type Operation = keyof typeof ADDRESSES;

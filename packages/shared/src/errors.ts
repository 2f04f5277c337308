/**
 * Every failure we expect has a code here; the catalogue says whether trying again can help and what
 * HTTP answers. Branch on `code`, never on message text. Each code has its line in docs/runbook.md.
 */
const CATALOGUE = {
  CONFIG_INVALID: { retryable: false, status: 500, message: 'the configuration is not valid' },
  PAYLOAD_INVALID: { retryable: false, status: 422, message: 'payload does not match its schema' },
  REQUEST_UNREADABLE: { retryable: false, status: 400, message: 'the request cannot be read' },
  BODY_TOO_LARGE: { retryable: false, status: 413, message: 'the body is larger than this address takes' },
  ADDRESS_TOO_LONG: { retryable: false, status: 414, message: 'a part of the address is too long' },
  MEDIA_TYPE_WRONG: { retryable: false, status: 415, message: 'the body is not of a type that this address takes' },
  REDIS_UNREACHABLE: { retryable: true, status: 503, message: 'Redis does not answer' },
  REDIS_POLICY: { retryable: false, status: 500, message: 'Redis may evict keys (maxmemory-policy is not noeviction)' },
  REDIS_NOT_REPLICATED: { retryable: true, status: 503, message: 'too few replicas of Redis have what was decided' },
  REDIS_VERSION: { retryable: false, status: 500, message: 'Redis is older than 6.2' },
  SNAPSHOT_TOO_SLOW: { retryable: true, status: 503, message: 'Redis could not be read in one moment' },
  SNAPSHOT_REFUSED: { retryable: false, status: 500, message: 'Redis does not take back what was saved' },
  STORED_RECORD_INVALID: { retryable: false, status: 500, message: 'a stored record does not match its schema' },
  TICKET_TOO_LARGE: { retryable: false, status: 422, message: 'the ticket record is larger than 64 KiB' },
  COMMIT_CONTENDED: { retryable: true, status: 503, message: 'too many others changed the ticket at the same moment' },
  PLANE_UNREACHABLE: { retryable: true, status: 503, message: 'Plane did not answer' },
  PLANE_RATE_LIMITED: { retryable: true, status: 503, message: 'Plane asked us to slow down' },
  PLANE_BUDGET_EMPTY: { retryable: true, status: 503, message: 'our own request budget for Plane is used up for now' },
  PLANE_SERVER_ERROR: { retryable: true, status: 502, message: 'Plane answered with a server error' },
  PLANE_UNAUTHORIZED: { retryable: false, status: 502, message: 'Plane refused the API token or its permissions' },
  PLANE_NOT_FOUND: { retryable: false, status: 502, message: 'Plane does not have that object' },
  PLANE_REFUSED: { retryable: false, status: 502, message: 'Plane refused the request' },
  PLANE_CONFLICT: { retryable: false, status: 502, message: 'Plane already has an object with that external id' },
  PLANE_BAD_ANSWER: { retryable: true, status: 502, message: 'Plane sent an answer we do not understand' },
  PLANE_PROJECT_CLOSED: { retryable: true, status: 502, message: 'the project cannot be read for the time being' },
  PLANE_STATE_UNKNOWN: { retryable: false, status: 502, message: 'the project has no such state' },
  WORK_ITEM_GONE: { retryable: false, status: 410, message: 'the work item no longer exists in Plane' },
  SESSIONS_UNREACHABLE: { retryable: true, status: 503, message: 'the terminal service does not answer' },
  SESSION_CONFLICT: { retryable: false, status: 409, message: 'a session of that name belongs to another start' },
  SESSION_NOT_FOUND: { retryable: false, status: 404, message: 'there is no such session' },
  BRANCH_NOT_FOUND: { retryable: false, status: 404, message: 'the branch of that session is not there any more' },
  DIFF_FAILED: { retryable: true, status: 500, message: 'git could not compare the work of that session' },
  RECORDING_NOT_FOUND: { retryable: false, status: 404, message: 'no output of such a session is kept' },
  SESSION_ID_INVALID: { retryable: false, status: 400, message: 'a session id has 1 to 64 letters, digits, - or _' },
  TMUX_UNAVAILABLE: { retryable: true, status: 503, message: 'tmux cannot be used' },
  AGENT_NOT_READY: { retryable: true, status: 503, message: 'the agent did not confirm that it took the prompt' },
  AGENT_ENDED: { retryable: false, status: 500, message: 'the agent ended before it took the prompt' },
  WORKTREE_FAILED: { retryable: true, status: 500, message: 'git could not prepare the worktree' },
  DISK_FULL: { retryable: true, status: 507, message: 'no space is left on a disk' },
  SETUP_FAILED: { retryable: false, status: 500, message: 'the setup command of the project failed' },
  REPOSITORY_MISSING: { retryable: false, status: 500, message: 'the repository of the project is not there' },
  RUNNER_UNREACHABLE: { retryable: true, status: 503, message: 'the session-worker of that runner does not answer' },
  RUNNER_ID_TAKEN: { retryable: false, status: 409, message: 'another session-worker runs under this runner id' },
  RUNNER_ALIVE: { retryable: false, status: 409, message: 'that runner still sends heartbeats' },
  RUNNER_NOT_FOUND: { retryable: false, status: 404, message: 'there is no such runner' },
  DATA_DIR_TAKEN: { retryable: false, status: 409, message: 'the data folder is in use' },
  TICKET_NOT_FOUND: { retryable: false, status: 404, message: 'there is no such ticket in that state' },
  TICKET_EXISTS: { retryable: false, status: 409, message: 'a ticket with that key is already on its way' },
  TICKET_BUSY: { retryable: false, status: 409, message: 'the ticket does not allow that in its present state' },
  LISTS_BEHIND: { retryable: true, status: 503, message: 'the lists cannot be given up to date just now' },
  TOO_MANY_READERS: { retryable: true, status: 429, message: 'too many connections listen to events' },
  ROUTE_DISABLED: { retryable: false, status: 404, message: 'this endpoint is switched off' },
  UPGRADE_REQUIRED: { retryable: false, status: 426, message: 'this address is for a WebSocket' },
  UNAUTHORIZED: { retryable: false, status: 401, message: 'a valid bearer token or cookie is required' },
  PROJECT_NOT_FOUND: { retryable: false, status: 404, message: 'no such project is watched' },
  TOKEN_EXISTS: { retryable: false, status: 409, message: 'a token of that name exists already' },
  TOKEN_NOT_FOUND: { retryable: false, status: 404, message: 'there is no such token' },
  RATE_LIMITED: { retryable: true, status: 429, message: 'too many requests' },
  AUDIO_EMPTY: { retryable: false, status: 400, message: 'the recording is empty' },
  TRANSCRIPTION_FAILED: { retryable: true, status: 502, message: 'the transcription service gave no text' },
  TRANSCRIPTION_NOT_READY: { retryable: true, status: 503, message: 'the transcription service is not ready' },
  TRANSCRIPTION_BUSY: { retryable: true, status: 429, message: 'too many recordings are being transcribed' },
  SIGNATURE_INVALID: { retryable: false, status: 401, message: 'the signature does not belong to the body' },
  ACCOUNT_EXISTS: { retryable: false, status: 409, message: 'that name is taken' },
  LOGIN_REFUSED: { retryable: false, status: 401, message: 'name or password is wrong' },
  LOGIN_THROTTLED: { retryable: true, status: 429, message: 'too many wrong passwords; wait a minute' },
  PROJECTS_CHANGED: { retryable: false, status: 409, message: 'the projects were changed elsewhere; load them again' },
  FORBIDDEN: { retryable: false, status: 403, message: 'the caller may not do that' },
  ORIGIN_REFUSED: { retryable: false, status: 403, message: 'requests from that origin or host name are refused' },
} as const satisfies Record<string, { retryable: boolean; status: number; message: string }>;

export type ErrorCode = keyof typeof CATALOGUE;
// Object.keys of a const object: the cast restores what TypeScript widens to string[].
export const ERROR_CODES = Object.keys(CATALOGUE) as ErrorCode[];

/** A failure we expect. `details` say what was meant and go into logs and HTTP answers: never put secrets there. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, details: Record<string, unknown> = {}, options?: ErrorOptions) {
    const why = typeof details.why === 'string' ? `: ${details.why}` : '';
    super(`${CATALOGUE[code].message}${why}`, options);
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return CATALOGUE[this.code].status;
  }
}

/** Whether trying the same again later can succeed. Unknown errors can: the network is the usual cause. */
export const isRetryable = (err: unknown): boolean => (err instanceof AppError ? CATALOGUE[err.code].retryable : true);

export const isCode = (err: unknown, ...codes: ErrorCode[]): err is AppError =>
  err instanceof AppError && codes.includes(err.code);

/** Of the system, and in the words of git and of setup commands. */
const FULL_CODES: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT']);
const FULL_WORDS = /no space left on device|disk quota exceeded/i;

/** The same failure, or DISK_FULL where that is what lies behind it: a person is to read that first. */
export function namedFailure(err: unknown): unknown {
  if (isCode(err, 'DISK_FULL')) return err;
  for (let cause = err; cause instanceof Error; cause = cause.cause) {
    const isSaid = isCode(cause, 'WORKTREE_FAILED', 'SETUP_FAILED') && FULL_WORDS.test(cause.message);
    const isFull = isSaid || ('code' in cause && FULL_CODES.has(cause.code));
    if (isFull) return new AppError('DISK_FULL', { why: cause.message }, { cause: err });
  }
  return err;
}

/** The text of anything thrown, for a person. */
export const messageOf = (err: unknown): string => (err instanceof Error ? err.message : String(err));

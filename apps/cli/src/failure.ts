/** How `pco` ends: documented in its help and in the README, so that scripts may rely on it. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  noAccess: 4,
  unreachable: 5,
  /** The ticket, or the installation, does not allow it just now. */
  notNow: 6,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What a person is told, in one or more lines that say what to do, and how the command ends. */
export class CliFailure extends Error {
  override readonly name = 'CliFailure';
  readonly exit: ExitCode;
  /** Of docs/runbook.md, where the api gave one. */
  readonly code: string | undefined;

  constructor(exit: ExitCode, message: string, code?: string) {
    super(message);
    this.exit = exit;
    this.code = code;
  }
}

export const usage = (message: string): CliFailure => new CliFailure(EXIT.usage, message);

/** How a command ends that the api refused with that status. */
export function exitOf(status: number): ExitCode {
  if (status === 401 || status === 403) return EXIT.noAccess;
  if (status === 404 || status === 410) return EXIT.notFound;
  if (status === 409 || status === 429) return EXIT.notNow;
  if (status === 400 || status === 413 || status === 414 || status === 422) return EXIT.usage;
  return status === 503 ? EXIT.unreachable : EXIT.failed;
}

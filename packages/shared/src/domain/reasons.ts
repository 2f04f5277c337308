/**
 * Why a ticket stands where it stands, beside the codes of errors.ts: what people, agents and limits did, and what became of
 * jobs. Answers of the api and rows of lists carry them as `code`. Each has its line in docs/glossary.md.
 */
export const REASON_CODES = [
  'NO_SUMMARY',
  'START_FAILED',
  'START_TIMEOUT',
  'BUDGET_TURNS',
  'BUDGET_MINUTES',
  'BUDGET_TOKENS',
  'BUDGET_COST',
  'STATE_NOT_SET',
  'STATE_FAILED',
  'LINK_FAILED',
  'SEND_UNCONFIRMED',
  'SEND_REFUSED',
  'JOB_FAILED',
  'UNEXPECTED',
  'WORK_ITEM_GONE',
  'CANCELLED',
  'STOPPED',
  'RUNNER_GONE',
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

/** A person ended it on purpose: whoever waits for it learns that, and not of a fault. */
export const isTakenBack = (code: string | undefined): boolean => code === 'CANCELLED' || code === 'STOPPED';

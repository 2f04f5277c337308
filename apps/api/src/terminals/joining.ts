import { SOCKET_CLOSE as CLOSE, mayUse } from '@pco/shared/contracts/http';
import { AppError, messageOf } from '@pco/shared/errors';
import type { TerminalGrant } from '@pco/shared/redis';
import type { Caller } from '../access/callers.ts';
import type { ApiContext } from '../api-context.ts';

// What everybody meets who opens a terminal through the api.

export const TAKEN_AWAY = 'the token or login that let you in does not hold any more';

/** Operators type, viewers look. */
export const modeOf = (caller: Caller | null): TerminalGrant['mode'] =>
  caller && mayUse(caller.role, 'operator') ? 'control' : 'view';
export const nameOf = (caller: Caller | null): string => caller?.name ?? 'nobody';

/** What a query names, without what it does not. */
export const given = (query: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

export function closeCode(err: unknown): number {
  if (!(err instanceof AppError)) return CLOSE.failed;
  if (err.code === 'UNAUTHORIZED') return CLOSE.unauthorized;
  if (err.status === 404) return CLOSE.notFound;
  return err.status < 500 ? CLOSE.refused : CLOSE.failed;
}

/** A bug tells nothing to the browser. */
export function shown(err: unknown, log: ApiContext['log']): string {
  if (err instanceof AppError) return messageOf(err);
  log.error({ err }, 'terminal could not be opened');
  return 'the terminal could not be opened; try again';
}

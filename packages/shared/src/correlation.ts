import { AsyncLocalStorage } from 'node:async_hooks';

/** On whose behalf something is done. */
export interface Correlation {
  /** From the trigger of a ticket to its write-back. */
  readonly cid: string;
  /** Of the request of a person that this follows from. */
  readonly request?: string | undefined;
}

const current = new AsyncLocalStorage<Correlation>();

/** Does the work, and whatever it asks of others, on that behalf. */
export const correlate = <Result>(of: Correlation, work: () => Result): Result => current.run(of, work);

/** An id that others gave us goes on to others only if it is short and has no meaning in a header or a log. */
export const isHarmlessId = (id: unknown): id is string => typeof id === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(id);

/** Tells a server on whose behalf it is asked, for its own log: the request, and what the request belongs to. */
export function correlationHeaders(): Record<string, string> {
  const { cid, request } = current.getStore() ?? {};
  const asked = [request, cid].find(isHarmlessId);
  return {
    ...(asked === undefined ? {} : { 'x-request-id': asked }),
    ...(isHarmlessId(cid) ? { 'x-correlation-id': cid } : {}),
  };
}

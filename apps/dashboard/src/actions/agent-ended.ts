import type { TicketView } from '@pco/shared/contracts/http';

const ENDED: ReadonlySet<string> = new Set(['exited', 'dead']);

/** Its session may still stand there, with nobody in it. */
export const hasAgentEnded = (state: NonNullable<TicketView['waiting_for']>['state'] | undefined): boolean =>
  ENDED.has(state ?? '');

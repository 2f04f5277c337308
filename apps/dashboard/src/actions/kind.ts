import type { Kind, TicketView } from '@pco/shared/contracts/http';

/** A ticket that needs a person, and why. */
export interface Card {
  readonly kind: Kind;
  readonly ticket: TicketView;
}

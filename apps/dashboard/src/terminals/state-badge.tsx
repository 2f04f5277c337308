import type { TicketRow } from '@pco/shared/contracts/http';
import { Badge, type Tone } from '../parts/badge.tsx';
import { text } from '../text/index.ts';

type Status = TicketRow['status'];
type Seen = NonNullable<TicketRow['waiting_for']>['state'];

const TONES: Partial<Readonly<Record<Status, Tone>>> = {
  active: 'good',
  waiting: 'warn',
  starting: 'accent',
  approved: 'accent',
  failed: 'bad',
};

/** How a session is: the status of its ticket, and while that is `waiting` what its agent is seen to do. */
export const StateBadge = ({ status, seen }: { readonly status: Status; readonly seen?: Seen | undefined }) => (
  <Badge tone={TONES[status] ?? 'neutral'}>
    {status === 'waiting' && seen ? text.terminals.seen[seen] : text.terminals.statuses[status]}
  </Badge>
);

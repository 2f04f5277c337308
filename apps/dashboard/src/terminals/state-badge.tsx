import type { TicketRow } from '@pco/shared/contracts/http';
import { Badge } from '../parts/badge.tsx';
import { STATUS_TONES, type Status } from '../parts/status-badge.tsx';
import { text } from '../text/index.ts';

type Seen = NonNullable<TicketRow['waiting_for']>['state'];

/** How a session is: the status of its ticket, and while that is `waiting` what its agent is seen to do. */
export const StateBadge = ({ status, seen }: { readonly status: Status; readonly seen?: Seen | undefined }) => (
  <Badge tone={STATUS_TONES[status]}>
    {status === 'waiting' && seen ? text.terminals.seen[seen] : text.statuses[status]}
  </Badge>
);

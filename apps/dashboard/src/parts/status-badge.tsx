import type { TicketView } from '@pco/shared/contracts/http';
import { text } from '../text/index.ts';
import { Badge, type Tone } from './badge.tsx';

export type Status = TicketView['status'];

/** What awaits a person stands out, what works is green, what is on its way or over is quiet. */
export const STATUS_TONES: Readonly<Record<Status, Tone>> = {
  pending: 'accent',
  approved: 'neutral',
  starting: 'neutral',
  active: 'good',
  waiting: 'warn',
  completed: 'accent',
  in_review: 'neutral',
  updating: 'neutral',
  done: 'neutral',
  blocked: 'warn',
  failed: 'bad',
  cancelled: 'neutral',
};

export const StatusBadge = ({ status }: { readonly status: Status }) => (
  <Badge tone={STATUS_TONES[status]}>{text.statuses[status]}</Badge>
);

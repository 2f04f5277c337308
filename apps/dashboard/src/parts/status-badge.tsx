import type { TicketView } from '@pco/shared/contracts/http';
import { text } from '../text/index.ts';
import { Badge, type Tone } from './badge.tsx';

export type Status = TicketView['status'];

const TONES: Readonly<Record<Status, Tone>> = {
  pending: 'accent',
  approved: 'neutral',
  starting: 'neutral',
  active: 'neutral',
  waiting: 'warn',
  completed: 'good',
  in_review: 'neutral',
  updating: 'neutral',
  done: 'neutral',
  blocked: 'warn',
  failed: 'bad',
  cancelled: 'neutral',
};

export const StatusBadge = ({ status }: { readonly status: Status }) => (
  <Badge tone={TONES[status]}>{text.statuses[status]}</Badge>
);

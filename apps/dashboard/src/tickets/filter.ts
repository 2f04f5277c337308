import '../zod-without-eval.ts';

import { TicketListQuery } from '@pco/shared/contracts/http/ticket-list';
import type { Status } from '../parts/status-badge.tsx';

/** Which tickets are listed; stands in the address, so that a list can be shared and gone back to. */
export interface Filter {
  readonly statuses: readonly Status[];
  readonly project: string;
  readonly text: string;
}

/** What an address says; what is no filter of ours is left out. */
export function filterOf(search: URLSearchParams): Filter {
  const status = TicketListQuery.shape.status.safeParse(search.get('status') ?? undefined);
  return {
    statuses: status.data ?? [],
    project: (search.get('project') ?? '').slice(0, 64),
    text: (search.get('text') ?? '').slice(0, 200),
  };
}

/** As the address and the api take it: without what does not filter. */
export function queryOf({ statuses, project, text }: Filter): Record<string, string> {
  return {
    ...(statuses.length > 0 ? { status: statuses.join(',') } : {}),
    ...(project ? { project } : {}),
    ...(text.trim() ? { text: text.trim() } : {}),
  };
}

export const toggled = (statuses: readonly Status[], status: Status): Status[] =>
  statuses.includes(status) ? statuses.filter((one) => one !== status) : [...statuses, status];

import type { TicketView } from '@pco/shared/contracts/http';
import { type QueryClient, useMutation, useMutationState, useQueryClient } from '@tanstack/react-query';
import { call } from '../call.ts';
import { showToast } from '../parts/toast.ts';
import { text } from '../text/index.ts';
import { hold } from './hold.ts';
import { untilMovedOn } from './moved-on.ts';

const KEY = 'decide';

/** What a person can decide, by the operation of the api. */
export const DECISIONS = [
  'approve',
  'updatePlane',
  'editSummary',
  'reject',
  'retry',
  'answer',
  'send',
  'complete',
  'deleteTicket',
] as const;
type Name = (typeof DECISIONS)[number];

export interface Wish {
  readonly name: Name;
  readonly body?: object;
  /** Said while it can be taken back, for some seconds: for what the api cannot undo and nobody was asked about. */
  readonly held?: string;
  /** When the api has answered; what is queued is not done yet. */
  onDone?(isQueued: boolean): void;
}
interface Decided extends Wish {
  readonly id: string;
  /** Since when the ticket stood where it was decided about. */
  readonly since: string;
}

interface Decide {
  readonly isBusy: boolean;
  /** Why the last decision was refused, while the ticket still stands where it did. */
  readonly error: Error | null;
  decide(wish: Wish): void;
  dismiss(): void;
}

/** One decision at a time for a ticket, whoever shows it and whatever is pressed meanwhile (B-190, B-191). */
export function useDecide(ticket: TicketView): Decide {
  const queries = useQueryClient();
  const mutationKey = [KEY, ticket.id];
  const { mutate } = useMutation({
    mutationKey,
    gcTime: Number.POSITIVE_INFINITY, // a reason stands until somebody has read it
    mutationFn: (decided: Decided) => carryOut(queries, ticket, decided),
    onError: ({ message }: Error) => showToast({ title: `${ticket.id}: ${message}`, tone: 'bad' }),
  });
  const states = useMutationState({ filters: { mutationKey }, select: ({ state }) => state });
  const last = states.at(-1);
  const isSame = (last?.variables as Decided | undefined)?.since === ticket.status_since; // whose key it is, wrote them
  return {
    isBusy: last?.status === 'pending',
    error: isSame ? (last?.error ?? null) : null,
    decide: (wish) => {
      if (queries.isMutating({ mutationKey }) === 0) mutate({ ...wish, id: ticket.id, since: ticket.status_since });
    },
    dismiss: () => {
      for (const one of queries.getMutationCache().findAll({ mutationKey, status: 'error' }))
        queries.getMutationCache().remove(one);
    },
  };
}

/** Tickets about which something was just decided: until the lists show what came of it they wait for nobody. */
export function useDecided(): ReadonlySet<string> {
  const states = useMutationState({
    filters: { mutationKey: [KEY], status: 'pending' },
    select: ({ state }) => state.variables as Decided, // whose key it is, wrote them
  });
  return new Set(states.filter(({ name }) => name !== 'editSummary').map(({ id }) => id));
}

async function carryOut(
  queries: QueryClient,
  ticket: TicketView,
  { name, body, held, onDone }: Decided,
): Promise<void> {
  const heldUntil = held ? await hold(held) : 'over';
  if (heldUntil === 'undone') return;
  const answer = await call(name, {
    params: { ticketId: ticket.id },
    ...(body ? { body } : {}),
    keepalive: heldUntil === 'left',
  });
  onDone?.('see' in answer);
  const warning = 'warning' in answer ? answer.warning : undefined;
  if (!held || warning) showToast({ title: warning ?? text.actions.done[name](ticket.id) });
  await queries.invalidateQueries({ predicate: ({ queryKey: [kind, id] }) => kind === 'list' || id === ticket.id });
  if (name === 'answer' || name === 'send') await untilMovedOn(queries, ticket);
}

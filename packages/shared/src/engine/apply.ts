import {
  type Change,
  decide,
  isObservation,
  type Policy,
  type Refuse,
  type Ticket,
  TicketEvent,
  type TicketEventInput,
  type WorkItem,
} from '../domain/index.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Commit, LoadedNow, TicketStore } from '../redis/index.ts';
import { pause } from '../time.ts';
import { tracing } from '../tracing/index.ts';
import type { Dispatch } from './dispatch.ts';

/** What became of an event. `seen` is answered like the first time: `ticket` is the present one. */
export type Answer =
  | { readonly kind: 'changed'; readonly ticket: Ticket; readonly version: number; readonly change: Change }
  | { readonly kind: 'seen' | 'ignored' | 'dropped'; readonly ticket: Ticket | null; readonly why: string }
  | { readonly kind: 'refused'; readonly ticket: Ticket | null; readonly code: Refuse['code']; readonly why: string }
  | { readonly kind: 'full'; readonly set: string }
  | { readonly kind: 'taken'; readonly ticketId: string };

export type ProjectRef = Pick<WorkItem, 'projectId' | 'project'>;
/** The settings that hold for a ticket of that project. */
export type PolicyOf = (project: ProjectRef | undefined) => Policy;

export interface ApplyDeps {
  readonly store: TicketStore;
  readonly dispatch: Pick<Dispatch, 'send'>;
  readonly policyOf: PolicyOf;
  readonly log: Logger;
  /** How long the opener of an effect has to send its job before a sweep does. */
  readonly graceMs: number;
}

export interface ApplyOptions {
  /** Recognise a repeat of the event's id. Not needed where a repeat changes nothing anyway. */
  readonly once?: boolean;
  /** For an observation: the ticket as read before looking. */
  readonly readAt?: LoadedNow;
}

export type Apply = (event: TicketEventInput, options?: ApplyOptions) => Promise<Answer>;

const TRIES = 20;
const CONTENTION_MS = 5;

/**
 * The only way a ticket changes: decide, commit at the version decided on, send what was opened.
 * A fact that lost the race is decided again; an observation is dropped, because its look is stale.
 *
 * @throws AppError PAYLOAD_INVALID for an event that does not parse, COMMIT_CONTENDED after 20 lost races
 */
export function createApply(deps: ApplyDeps): Apply {
  const { store, policyOf, log } = deps;
  return async (input, { once = false, readAt } = {}) => {
    const event = parseEvent(withTrace(input));
    let loaded = readAt ?? (await store.load(event.ticketId));
    for (let tries = 1; tries <= TRIES; tries += 1) {
      const { ticket } = loaded;
      const policy = policyOf(ticket?.workItem ?? ('workItem' in event ? event.workItem : undefined));
      const decision = decide(policy, loaded, event, loaded.now);
      // a repeat finds what its first time made of the ticket, which may no longer allow it
      const isSeen = decision.kind !== 'change' && once && (await store.hasSeen(event.id));
      if ((isSeen || decision.kind === 'ignore') && !(await store.isKept())) {
        loaded = await store.load(event.ticketId);
        continue;
      }
      if (isSeen) return { kind: 'seen', ticket, why: 'this was said before' };
      if (decision.kind === 'ignore') return { kind: 'ignored', ticket, why: decision.why };
      if (decision.kind === 'refuse') return { kind: 'refused', ticket, code: decision.code, why: decision.why };
      const commit = await store.commit({ base: loaded, change: decision, event, once, graceMs: deps.graceMs });
      if (commit.kind === 'seen' && !(await store.isKept())) continue;
      if (commit.kind !== 'lost') return finish(deps, event, loaded, decision, commit);
      if (isObservation(event.type))
        return { kind: 'dropped', ticket: commit.loaded.ticket, why: 'the ticket moved on' };
      loaded = commit.loaded;
      await pause(Math.random() * CONTENTION_MS * tries);
    }
    log.error({ ticketId: event.ticketId, type: event.type }, 'commit contended, giving up');
    throw new AppError('COMMIT_CONTENDED', { ticketId: event.ticketId });
  };
}

function finish(
  { dispatch, log }: ApplyDeps,
  event: TicketEvent,
  base: LoadedNow,
  change: Change,
  commit: Exclude<Commit, { kind: 'lost' }>,
): Answer {
  switch (commit.kind) {
    case 'seen':
      return { kind: 'seen', ticket: commit.loaded.ticket, why: 'this was said before' };
    case 'full':
    case 'taken':
      return commit;
    case 'committed': {
      const { ticket } = change;
      const moved = base.ticket?.status !== ticket.status;
      log[moved ? 'info' : 'debug'](
        {
          event: `${event.type.split('.', 1)[0]}.${base.ticket?.status ?? 'new'}-${ticket.status}`,
          type: event.type,
          ticketId: ticket.id,
          cid: ticket.cid,
          // of the click, or of whatever else has moved it: leads from there to the ticket's own
          ...(event.cid === ticket.cid ? {} : { request: event.cid }),
          from: base.ticket?.status ?? null,
          to: ticket.status,
          version: commit.version,
        },
        moved ? 'ticket moved' : 'ticket changed',
      );
      dispatch.send(change.opens);
      return { kind: 'changed', ticket, version: commit.version, change };
    }
  }
}

const withTrace = (input: TicketEventInput): TicketEventInput => {
  const trace = tracing()?.current();
  return trace === undefined ? input : { ...input, trace };
};

function parseEvent(input: TicketEventInput): TicketEvent {
  const parsed = TicketEvent.safeParse(input);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new AppError('PAYLOAD_INVALID', { why: issues.join('; '), issues }, { cause: parsed.error });
}

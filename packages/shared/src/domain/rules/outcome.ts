import type { Draft } from '../draft.ts';
import { dropWork, parkedReason, stopSession } from '../draft.ts';
import type { OpenEffect } from '../effects.ts';
import type { EventOf } from '../events.ts';
import type { Spent, Ticket } from '../ticket.ts';
import type { Status } from '../ticket-status.ts';
import { budgetTimeUp } from './budget.ts';
import { startFailed } from './session.ts';
import { forgetMessage } from './talk.ts';
import { ignore, type RuleSet } from './verdict.ts';

type Done = EventOf<'effect.done'>;
type Failed = EventOf<'effect.failed'>;

/** The outcome of an effect, whatever the status: one that is not open changes nothing. */
export const effectDone: RuleSet<'effect.done'> = {
  otherwise: (draft, event) => {
    const effect = draft.close(event.effectId);
    if (!effect) return ignore('the effect is not open');
    if (effect.type === 'session.assign') return ignore('only a claim ends an assignment well');
    if (effect.type === 'timer') return ignore('only its time ends a timer');
    DONE[effect.type]?.(draft, effect, event);
  },
};

export const effectFailed: RuleSet<'effect.failed'> = {
  otherwise: (draft, event) => {
    const effect = draft.ticket.open[event.effectId];
    if (!effect) return ignore('the effect is not open');
    if (effect.parked) return ignore('already known');
    if (effect.type === 'timer') return ignore('only its time ends a timer');
    FAILED[effect.type](draft, effect, event);
  },
};

export const timerDue: RuleSet<'timer.due'> = {
  otherwise: (draft, { effectId }) => {
    const effect = draft.close(effectId);
    if (effect?.type !== 'timer') return ignore('the timer is not open');
    if (effect.args.sessionId !== draft.ticket.session?.id) return;
    if (effect.args.kind === 'budget') budgetTimeUp(draft);
    if (effect.args.kind === 'start' && draft.ticket.status === 'starting')
      startFailed(draft, 'START_TIMEOUT', 'the session did not start in time; is its session-worker running?');
  },
};

const DONE: { readonly [Type in OpenEffect['type']]?: (draft: Draft, effect: OpenEffect, event: Done) => void } = {
  'session.start': (draft, effect, { result }) => {
    const { ticket } = draft;
    draft.closeWhere(({ type, args }) => type === 'timer' && args.kind === 'start');
    if (ticket.session?.id !== effect.args.sessionId || !ticket.session) return;
    delete ticket.resume;
    if (ticket.observed?.state === 'unreachable') delete ticket.observed; // it has just spoken
    const { branch, worktree } = result;
    ticket.session = { ...ticket.session, startedAt: draft.now, ...defined({ branch, worktree }) };
    if (ticket.status === 'starting') draft.move('active');
  },
  'session.stop': ({ ticket, now }, effect, { result }) => {
    noteSpent(ticket, effect, result.spent);
    const { session } = ticket;
    const used = defined({ tokens: result.tokens, cost: result.cost }); // known only after the agent has ended
    if (session?.id === effect.args.sessionId && ticket.result) ticket.result = { ...ticket.result, ...used };
    if (!session || session.id !== effect.args.sessionId || session.endedAt !== undefined) return;
    ticket.session = { ...session, endedAt: now, exitCode: result.exitCode ?? null };
  },
  'session.send': (draft, effect, { result }) => {
    const { ticket } = draft;
    if (effect.args.kind !== 'interrupt') forgetMessage(draft);
    if (!result.warning || (ticket.status !== 'active' && ticket.status !== 'waiting')) return;
    const asks = ticket.status === 'active';
    const code = result.sent === 'refused' ? 'SEND_REFUSED' : 'SEND_UNCONFIRMED';
    draft.move('waiting', { code, text: result.warning });
    if (asks) draft.enqueue('notify', { kind: 'waiting' });
  },
  'completion.collect': ({ ticket }, effect, { result }) => {
    noteSpent(ticket, effect, result.spent);
    const { commits, diff, unpushed, uncommitted, durationMs, tokens, cost } = result;
    ticket.result = {
      ...ticket.result,
      ...defined({ commits, diff, unpushed, uncommitted, durationMs, tokens, cost }),
    };
    // an agent may have gone to another one
    const { session } = ticket;
    if (session && session.id === effect.args.sessionId && result.branch)
      ticket.session = { ...session, branch: result.branch };
  },
  'plane.comment': (draft, _effect, { result }) => {
    draft.ticket.result = { ...draft.ticket.result, ...defined({ commentId: result.commentId }) };
    endOfWriteBack(draft);
  },
  'plane.link': (draft) => endOfWriteBack(draft),
  'plane.state': (draft, _effect, { result }) => {
    draft.ticket.result = { ...draft.ticket.result, ...defined({ stateId: result.stateId }) };
    endOfWriteBack(draft, result.warning ? { code: 'STATE_NOT_SET', text: result.warning } : undefined);
  },
};

/** Of the ticket's own session; a former one has told when it was ended. */
function noteSpent(ticket: Ticket, { args }: OpenEffect, spent: Spent | undefined): void {
  const { session } = ticket;
  if (spent && session && session.id === args.sessionId) ticket.session = { ...session, spent };
}

const FAILED: {
  readonly [Type in Exclude<OpenEffect['type'], 'timer'>]: (draft: Draft, effect: OpenEffect, event: Failed) => void;
} = {
  'session.assign': (draft, _effect, { detail }) => startFailed(draft, 'START_FAILED', detail),
  'session.start': (draft, effect, { effectId, detail }) => {
    // A completion that came first has already moved the ticket on: its session did start.
    if (draft.ticket.status === 'starting' && draft.ticket.session?.id === effect.args.sessionId)
      startFailed(draft, 'START_FAILED', detail);
    else draft.close(effectId);
  },
  'session.stop': park,
  'session.send': park,
  'completion.collect': (draft, _effect, { effectId }) => void draft.close(effectId),
  'plane.comment': unlessGone(park),
  'plane.link': unlessGone(withWarning('LINK_FAILED')),
  'plane.state': unlessGone(withWarning('STATE_FAILED')),
  notify: (draft, _effect, { effectId }) => void draft.close(effectId),
};

/** Nothing can be written to a work item that is gone: that ends the ticket, whichever write found it out. */
function unlessGone(otherwise: typeof park): typeof park {
  return (draft, effect, event) => {
    if (event.code !== 'WORK_ITEM_GONE') return otherwise(draft, effect, event);
    dropWork(draft);
    draft.move('cancelled', { code: 'WORK_ITEM_GONE', text: event.detail });
    stopSession(draft);
  };
}

/** The comment is what counts (B-103): what else could not be written is shown on a ticket that is done. */
function withWarning(code: string): typeof park {
  return (draft, _effect, { effectId, detail }) => {
    draft.close(effectId);
    endOfWriteBack(draft, { code, text: detail });
  };
}

/** Why a ticket is in one of these stays the first thing to read about it. */
const EXPLAINED: ReadonlySet<Status> = new Set(['failed', 'cancelled', 'done']);

/** Stays open, out of the outbox, until a person opens it anew. */
function park(draft: Draft, effect: OpenEffect, { effectId, code, detail }: Failed): void {
  draft.park(effectId, code, detail);
  if (!EXPLAINED.has(draft.ticket.status) || !draft.ticket.reason)
    draft.ticket.reason = parkedReason(effect.type, { code, detail });
  draft.enqueue('notify', { kind: 'parked' });
}

function endOfWriteBack(draft: Draft, warning?: { code: string; text: string }): void {
  const { ticket } = draft;
  if (ticket.status !== 'updating') return;
  if (warning) ticket.reason = warning;
  if (ticket.lanes.plane.length === 0) draft.move('done', ticket.reason);
}

/** Without the keys that are undefined, which `exactOptionalPropertyTypes` does not take for absent. */
const defined = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  // filtering removes exactly the undefined values
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

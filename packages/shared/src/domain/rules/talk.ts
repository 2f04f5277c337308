import { type Draft, dropWork, stopSession, withdraw } from '../draft.ts';
import { during, type Refuse, type RuleSet, refuse } from './verdict.ts';

/** What a person types into the session of a ticket: one text is under way at a time. */
type Kind = 'message' | 'answer' | 'interrupt';

const nobody = () => refuse('TICKET_BUSY', 'no agent of this ticket is at work');

function talk(draft: Draft, kind: Kind, text?: string): Refuse | undefined {
  const { ticket } = draft;
  const { session, runner } = ticket;
  if (!session || session.endedAt !== undefined || !runner) return nobody();
  if (text !== undefined) {
    if (ticket.message !== undefined) return refuse('TICKET_BUSY', 'what was sent before is still being typed');
    ticket.message = text;
  }
  draft.enqueue('session.send', { sessionId: session.id, runner, kind });
  return undefined;
}

export const sent: RuleSet<'person.sent'> = {
  ...during(['active', 'waiting'], (draft, { text }) => talk(draft, 'message', text)),
  otherwise: nobody,
};

export const answered: RuleSet<'person.answered'> = {
  ...during(['active', 'waiting'], (draft, { answer }) => {
    const state = draft.ticket.observed?.state;
    if (state === 'permission' || (state === 'asking' && /^\d$/.test(answer))) return talk(draft, 'answer', answer);
    return refuse('TICKET_BUSY', state === 'asking' ? 'a question is answered by its digit' : 'the agent asks nothing');
  }),
  otherwise: nobody,
};

export const interrupted: RuleSet<'person.interrupted'> = {
  ...during(['active', 'waiting'], (draft) => {
    const isUnderWay = [...Object.values(draft.ticket.open), ...draft.ticket.lanes.session].some(
      ({ type, args }) => type === 'session.send' && args.kind === 'interrupt',
    );
    return isUnderWay ? refuse('TICKET_BUSY', 'it is being interrupted') : talk(draft, 'interrupt');
  }),
  otherwise: nobody,
};

/** Ends the session; its branch and worktree stay, and a retry may resume the conversation. */
export const stopped: RuleSet<'person.stopped'> = {
  ...during(['starting', 'active', 'waiting'], (draft, { by }) => {
    dropWork(draft);
    forgetMessage(draft);
    draft.move('failed', { code: 'STOPPED', text: `stopped by ${by}` });
    stopSession(draft);
    draft.enqueue('notify', { kind: 'failed' });
  }),
  otherwise: nobody,
};

export const forgetMessage = (draft: Draft): void => {
  delete draft.ticket.message;
};

/** Nobody waits any more for what was to be typed. */
export function withdrawTalk(draft: Draft): void {
  withdraw(draft, 'session.send');
  forgetMessage(draft);
}

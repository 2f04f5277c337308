import { type Draft, dropWork, withdraw } from '../draft.ts';
import { sessionLives } from '../ticket.ts';
import { forgetMessage } from './talk.ts';
import { during, ignore, type Rule, type RuleSet } from './verdict.ts';

/** Shown, and nothing else: its agent may well be at work, so it keeps its slots and nobody takes its place. */
const lost: Rule<'runner.lost'> = (draft, { runner }) => {
  const { ticket } = draft;
  if (ticket.runner !== runner || !sessionLives(ticket)) return ignore('on another runner');
  if (ticket.observed?.state === 'unreachable') return ignore('known');
  ticket.observed = { state: 'unreachable', since: draft.now, detail: `runner ${runner} sends no heartbeat` };
  draft.enqueue('notify', { kind: 'runner_lost' });
};

export const runnerLost: RuleSet<'runner.lost'> = {
  starting: lost,
  ...during(['active', 'waiting'], (draft, event) => {
    const verdict = lost(draft, event);
    if (!verdict) draft.move('waiting');
    return verdict;
  }),
};

const back: Rule<'runner.back'> = ({ ticket }, { runner }) => {
  if (ticket.runner !== runner || ticket.observed?.state !== 'unreachable') return ignore('was not lost');
  delete ticket.observed;
};

/** What the agent does is looked up by the runner itself; until then it counts as working. */
export const runnerBack: RuleSet<'runner.back'> = {
  starting: back,
  ...during(['active', 'waiting'], (draft, event) => {
    const verdict = back(draft, event);
    if (verdict) return verdict;
    draft.ticket.observed = { state: 'working', since: draft.now };
    draft.move('active');
  }),
};

/**
 * A person says that what runs there does not count any more: the session has ended for us, its slots are free, and
 * nothing is asked of that runner. Should it come back, it ends what is left.
 */
export function giveUpSession(draft: Draft): void {
  const { ticket, now } = draft;
  const { session, runner } = ticket;
  if (!session || !runner) return;
  draft.closeWhere(({ type, args }) => args.runner === runner || (type === 'timer' && args.sessionId === session.id));
  ticket.lanes.session = ticket.lanes.session.filter(({ args }) => args.runner !== runner);
  withdraw(draft, 'session.stop');
  forgetMessage(draft);
  ticket.session = { ...session, endedAt: now, exitCode: null };
}

const givenUp =
  (fails: boolean): Rule<'runner.given_up'> =>
  (draft, { runner, by }) => {
    const { ticket } = draft;
    if (ticket.runner !== runner || !sessionLives(ticket)) return ignore('on another runner');
    giveUpSession(draft);
    if (!fails) return;
    dropWork(draft);
    ticket.observed = { state: 'dead', since: draft.now, detail: `runner ${runner} was given up` };
    draft.move('failed', { code: 'RUNNER_GONE', text: `its runner ${runner} was given up by ${by}` });
    draft.enqueue('notify', { kind: 'failed' });
  };

/** Its host is gone for good. Only what an agent was at work on fails; elsewhere a slot is freed. */
export const runnerGivenUp: RuleSet<'runner.given_up'> = {
  ...during(['starting', 'active', 'waiting'], givenUp(true)),
  otherwise: givenUp(false),
};

import { ANSWER } from '@pco/shared/contracts/http/answer';
import { Button } from '../parts/button.tsx';
import { TextArea } from '../parts/text-area.tsx';
import { text } from '../text/index.ts';
import { hasAgentEnded } from './agent-ended.ts';
import { type Choice, Choices, type Decidable } from './choices.tsx';
import { Digits } from './digits.tsx';
import type { Wish } from './use-decide.ts';
import { useDraft } from './use-draft.ts';

const answer = (given: string, label: string): Choice => ({
  label,
  busy: text.actions.answering,
  wish: { name: 'answer', body: { answer: given } },
});
const PERMISSION: readonly Choice[] = [
  answer('yes', text.actions.allow),
  { ...answer('no', text.actions.deny), refuses: true },
];

/** What the agent waits for: a permission and a choice are one press, everything else is written. */
export function Reply(given: Decidable) {
  const state = given.ticket.waiting_for?.state;
  if (state === 'permission') return <Choices {...given} choices={PERMISSION} />;
  return <Written {...given} />;
}

function Written({ ticket, isBusy, onDecide, children }: Decidable) {
  const { state, since, choices = [] } = ticket.waiting_for ?? {};
  const [draft = '', write] = useDraft(`reply ${ticket.id} ${since}`);
  const hasEnded = hasAgentEnded(state); // nobody reads a message then: what is missing is the summary
  const { choice, message, summaryOf, answering, send, complete } = text.actions;
  return (
    <form
      className="grid grid-cols-1 gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        onDecide(hasEnded ? { name: 'complete', body: { summary: draft } } : wishOf(draft, state === 'asking'));
      }}
    >
      <Digits choices={choices} isBusy={isBusy} onDecide={onDecide} />
      <TextArea
        label={hasEnded ? summaryOf : state === 'asking' ? choice : message}
        rows={2}
        value={draft}
        onChange={write}
      />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" data-key="a" disabled={isBusy || draft.trim() === ''}>
          {isBusy ? answering : hasEnded ? complete : send}
        </Button>
        {children}
      </div>
    </form>
  );
}

/** A choice answers an open question; everything else is typed as it stands. */
function wishOf(draft: string, isAsked: boolean): Wish {
  const answer = draft.trim();
  return isAsked && ANSWER.test(answer)
    ? { name: 'answer', body: { answer } }
    : { name: 'send', body: { text: draft } };
}

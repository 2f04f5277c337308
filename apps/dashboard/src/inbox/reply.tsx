import { ROUTES } from '@pco/shared/contracts/http';
import { type ReactNode, useId, useState } from 'react';
import { text } from '../text.ts';
import type { Wish } from './actions.tsx';

interface Replied {
  readonly children: ReactNode;
  readonly isBusy: boolean;
  /** A question with choices stands open. */
  readonly canAnswer: boolean;
  onReply(wish: Wish): void;
}

/** A choice answers an open question; everything else is typed as it stands. */
export function Reply({ isBusy, canAnswer, onReply, children }: Replied) {
  const [given, setGiven] = useState('');
  const id = useId();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const choice = ROUTES.answer.body.safeParse({ answer: given.trim() });
        onReply(
          canAnswer && choice.success
            ? { route: ROUTES.answer, body: choice.data }
            : { route: ROUTES.send, body: { text: given } },
        );
        setGiven('');
      }}
    >
      <label htmlFor={id}>{canAnswer ? text.choice : text.message}</label>
      <textarea id={id} dir="auto" rows={2} value={given} onChange={({ target }) => setGiven(target.value)} />
      <div className="actions">
        <button type="submit" className="primary" data-key="a" disabled={isBusy || given.trim() === ''}>
          {isBusy ? text.answering : text.send}
        </button>
        {children}
      </div>
    </form>
  );
}

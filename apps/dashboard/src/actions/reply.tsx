import { ROUTES } from '@pco/shared/contracts/http';
import { type ReactNode, useId, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { FIELD } from '../parts/field.ts';
import { text } from '../text/index.ts';
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
      className="grid gap-2"
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
      <label className="text-sm" htmlFor={id}>
        {canAnswer ? text.actions.choice : text.actions.message}
      </label>
      <textarea
        className={FIELD}
        id={id}
        dir="auto"
        rows={2}
        value={given}
        onChange={({ target }) => setGiven(target.value)}
      />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" data-key="a" disabled={isBusy || given.trim() === ''}>
          {isBusy ? text.actions.answering : text.actions.send}
        </Button>
        {children}
      </div>
    </form>
  );
}

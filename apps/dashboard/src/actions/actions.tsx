import { ROUTES, type Route } from '@pco/shared/contracts/http';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useId, useState } from 'react';
import { call } from '../call.ts';
import { Button } from '../parts/button.tsx';
import { Banner } from '../parts/failure.tsx';
import { FIELD } from '../parts/field.ts';
import { text } from '../text/index.ts';
import type { Card, Kind } from './kind.ts';
import { Reply } from './reply.tsx';
import { Skip } from './skip.tsx';

export interface Wish {
  readonly route: Route;
  readonly body?: object;
}

interface Choice {
  readonly label: string;
  readonly busy: string;
  readonly wish: Wish;
}

const answer = (given: 'yes' | 'no'): Choice => ({
  label: text.actions.answer(given),
  busy: text.actions.answering,
  wish: { route: ROUTES.answer, body: { answer: given } },
});

/** What one press decides. */
const CHOICES: Readonly<Record<Kind, readonly Choice[]>> = {
  asks: [answer('yes'), answer('no')],
  approve: [{ label: text.actions.approve, busy: text.actions.approving, wish: { route: ROUTES.approve } }],
  failed: [{ label: text.actions.retry, busy: text.actions.retrying, wish: { route: ROUTES.retry, body: {} } }],
  update: [],
};

/** One call at a time for a ticket, whatever is pressed meanwhile (B-190, B-191). */
export function Actions({ card: { kind, ticket } }: { readonly card: Card }) {
  const queries = useQueryClient();
  const act = useMutation({
    mutationFn: ({ route, body }: Wish) => call(route, { params: { ticketId: ticket.id }, ...(body ? { body } : {}) }),
    onSettled: () => queries.invalidateQueries(),
  });
  const isBusy = act.isPending;
  const press = (wish: Wish) => {
    if (!isBusy) act.mutate(wish);
  };
  const skip = <Skip id={ticket.id} isBusy={isBusy} onSkip={() => press({ route: ROUTES.deleteTicket })} />;
  return (
    <>
      {act.error ? <Banner error={act.error} onDismiss={() => act.reset()} /> : null}
      {kind === 'update' ? (
        <Update
          summary={ticket.summary ?? ''}
          isBusy={isBusy}
          onUpdate={(summary) => press({ route: ROUTES.updatePlane, body: { summary } })}
        >
          {skip}
        </Update>
      ) : kind === 'asks' && ticket.waiting_for?.state !== 'permission' ? (
        <Reply isBusy={isBusy} canAnswer={ticket.waiting_for?.state === 'asking'} onReply={press}>
          {skip}
        </Reply>
      ) : (
        <div className="flex flex-wrap gap-2">
          {CHOICES[kind].map(({ label, busy, wish }) => (
            <Primary key={label} isBusy={isBusy} label={label} busy={busy} onPress={() => press(wish)} />
          ))}
          {skip}
        </div>
      )}
    </>
  );
}

interface Pressed {
  readonly isBusy: boolean;
  readonly label: string;
  readonly busy: string;
  onPress(): void;
}

const Primary = ({ isBusy, label, busy, onPress }: Pressed) => (
  <Button look="primary" data-key="a" disabled={isBusy} onClick={onPress}>
    {isBusy ? busy : label}
  </Button>
);

interface Edited {
  readonly summary: string;
  readonly children: ReactNode;
  readonly isBusy: boolean;
  onUpdate(summary: string): void;
}

/** The words that will stand in Plane; whoever changed them keeps their own, whatever arrives meanwhile. */
function Update({ summary, isBusy, onUpdate, children }: Edited) {
  const [edited, setEdited] = useState<string>();
  const shown = edited ?? summary;
  const id = useId();
  return (
    <form
      className="grid gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        onUpdate(shown);
      }}
    >
      <label className="text-sm" htmlFor={id}>
        {text.actions.summary}
      </label>
      <textarea
        className={FIELD}
        id={id}
        dir="auto"
        rows={4}
        value={shown}
        onChange={({ target }) => setEdited(target.value)}
      />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" data-key="a" disabled={isBusy || shown.trim() === ''}>
          {isBusy ? text.actions.updating : text.actions.update}
        </Button>
        {children}
      </div>
    </form>
  );
}

import { Banner } from '../parts/failure.tsx';
import { text } from '../text/index.ts';
import { type Choice, Choices } from './choices.tsx';
import type { Card } from './kind.ts';
import { Reply } from './reply.tsx';
import { Skip } from './skip.tsx';
import { Update } from './update.tsx';
import { useDecide } from './use-decide.ts';

interface ActionsProps {
  readonly card: Card;
  /** Also before what could be taken back. */
  readonly alwaysAsks?: boolean;
  /** Its session is there. */
  onApproved?(): void;
}

/** What can be decided about a ticket just now. One call at a time, whatever is pressed meanwhile (B-190, B-191). */
export function Actions({ card: { kind, ticket }, alwaysAsks = false, onApproved }: ActionsProps) {
  const { isBusy, error, decide, dismiss } = useDecide(ticket);
  const skip = <Skip ticket={ticket} isBusy={isBusy} alwaysAsks={alwaysAsks} onDecide={decide} />;
  const given = { ticket, isBusy, onDecide: decide, children: skip };
  const onStarted = (isQueued: boolean) => (isQueued ? undefined : onApproved?.());
  return (
    <>
      {error ? <Banner error={error} onDismiss={dismiss} /> : null}
      {kind === 'update' ? (
        <Update {...given} />
      ) : kind === 'asks' ? (
        <Reply {...given} />
      ) : (
        <Choices
          {...given}
          onDecide={(wish) => decide(wish.name === 'approve' ? { ...wish, onDone: onStarted } : wish)}
          choices={choicesFor({ kind, ticket })}
        />
      )}
    </>
  );
}

function choicesFor({ kind, ticket: { status, session_id, waiting_for } }: Card): readonly Choice[] {
  const { approve, approving, retry, resume, elsewhere, retrying } = text.actions;
  if (kind === 'approve') return [{ label: approve, busy: approving, wish: { name: 'approve' } }];
  if (waiting_for?.state === 'unreachable')
    return [{ label: elsewhere, busy: retrying, wish: { name: 'retry', body: { elsewhere: true } } }];
  if (kind === 'blocked' && status === 'updating') return []; // it goes on by itself
  const again: Choice = { label: retry, busy: retrying, wish: { name: 'retry', body: {} } };
  const goOn: Choice = { label: resume, busy: retrying, wish: { name: 'retry', body: { resume: true } } };
  return status === 'failed' && session_id ? [again, goOn] : [again];
}

import { useMemo, useRef, useState } from 'react';
import { Failure } from '../parts/failure.tsx';
import { FIELD } from '../parts/field.ts';
import { Page } from '../parts/page.tsx';
import { Empty, Loading } from '../parts/states.tsx';
import { useMay } from '../shell/me.tsx';
import { text } from '../text/index.ts';
import { CardList } from './card-list.tsx';
import { Help } from './help.tsx';
import { matching } from './matching.ts';
import { NotifySwitch } from './notify-switch.tsx';
import { useInbox } from './use-inbox.tsx';
import { useKeys } from './use-keys.ts';

export function Inbox() {
  const { cards, isLoading, error, reload } = useInbox();
  const mayDecide = useMay('operator');
  const [words, setWords] = useState('');
  const filter = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const help = useKeys(list, filter);
  const shown = useMemo(() => matching(cards, words), [cards, words]);
  if (error && cards.length === 0) return <Failure error={error} onRetry={reload} />;
  if (isLoading) return <Loading />;
  const { title, nothing, nothingMore, noMatch, filterBy, helpHint } = text.inbox;
  return (
    <Page title={title} actions={<NotifySwitch />}>
      {cards.length > 0 || words ? (
        <input
          ref={filter}
          type="search"
          className={FIELD}
          aria-label={filterBy}
          placeholder={filterBy}
          dir="auto"
          value={words}
          onChange={({ target }) => setWords(target.value)}
        />
      ) : null}
      {shown.length > 0 ? (
        <CardList cards={shown} mayDecide={mayDecide} list={list} />
      ) : (
        <Empty title={cards.length > 0 ? noMatch : nothing}>
          <p>{nothingMore}</p>
        </Empty>
      )}
      <p className="text-sm text-quiet max-md:hidden">{helpHint}</p>
      <Help {...help} mayDecide={mayDecide} />
    </Page>
  );
}

import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Failure } from '../parts/failure.tsx';
import { FIELD } from '../parts/field.ts';
import { Page } from '../parts/page.tsx';
import { Empty, Loading } from '../parts/states.tsx';
import { useMay } from '../shell/me.tsx';
import { text } from '../text/index.ts';
import { CardList } from './card-list.tsx';
import { Help } from './help.tsx';
import { NotifySwitch } from './notify-switch.tsx';
import { useInbox } from './use-inbox.tsx';
import { type InboxPages, inboxKey, useInboxPages } from './use-inbox-pages.ts';
import { useKeys } from './use-keys.ts';

export function Inbox() {
  const everything = useInbox();
  const mayDecide = useMay('operator');
  const [words, setWords] = useState('');
  const { cards, counts, isLoading, error, hasMore, more, reload } = useInboxPages(useSettled(words.trim()));
  const filter = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const help = useKeys(list, filter);
  useFirstPageStays();
  if (error && cards.length === 0) return <Failure error={error} onRetry={reload} />;
  if (isLoading) return <Loading />;
  const { title, nothing, nothingMore, noMatch, filterBy, helpHint } = text.inbox;
  return (
    <Page title={title} actions={<NotifySwitch />}>
      {everything.total > 0 || words ? (
        <input
          ref={filter}
          type="search"
          className={FIELD}
          aria-label={filterBy}
          placeholder={filterBy}
          dir="auto"
          maxLength={200}
          value={words}
          onChange={({ target }) => setWords(target.value)}
        />
      ) : null}
      {cards.length > 0 ? (
        <CardList cards={cards} counts={counts} onNearEnd={more} mayDecide={mayDecide} list={list} />
      ) : (
        <Empty title={everything.total > 0 ? noMatch : nothing}>
          <p>{nothingMore}</p>
        </Empty>
      )}
      {hasMore ? <p className="p-4 text-center text-sm text-quiet">{text.tickets.loadingMore}</p> : null}
      <p className="text-sm text-quiet max-md:hidden">{helpHint}</p>
      <Help {...help} mayDecide={mayDecide} />
    </Page>
  );
}

const SETTLED_MS = 150;

/** As it is once nobody has typed for a moment. */
function useSettled(words: string): string {
  const [settled, setSettled] = useState(words);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(words), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [words]);
  return settled;
}

/** On other pages no more is kept up to date than is counted there. */
function useFirstPageStays(): void {
  const queries = useQueryClient();
  useEffect(
    () => () => {
      queries.setQueryData<InboxPages>(inboxKey(''), (data) =>
        data ? { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) } : undefined,
      );
    },
    [queries],
  );
}

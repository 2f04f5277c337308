import { useSearchParams } from 'wouter';
import { Button } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';
import { Link } from '../parts/link.tsx';
import { Page } from '../parts/page.tsx';
import { Empty, Loading } from '../parts/states.tsx';
import { text } from '../text/index.ts';
import { type Filter, filterOf, queryOf } from './filter.ts';
import { FilterBar } from './filter-bar.tsx';
import { TicketRows } from './ticket-rows.tsx';
import { useTicketList } from './use-ticket-list.ts';

/** Every ticket there is, filtered as the address says. */
export function Tickets() {
  const [search, setSearch] = useSearchParams();
  const filter = filterOf(search);
  const choose = (next: Filter) => setSearch(queryOf(next), { replace: true });
  return (
    <Page title={text.tickets.title} wide>
      <FilterBar filter={filter} onChoose={choose} />
      <Found filter={filter} />
    </Page>
  );
}

function Found({ filter }: { readonly filter: Filter }) {
  const list = useTicketList(filter);
  const { rows, error, isPending, hasNextPage, isFetchingNextPage, isFetchNextPageError } = list;
  if (isPending) return <Loading />;
  if (error && rows.length === 0) return <Failure error={error} onRetry={() => void list.refetch()} />;
  if (rows.length === 0) return <Nothing isFiltered={Object.keys(queryOf(filter)).length > 0} />;
  const more = () => {
    if (hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void list.fetchNextPage();
  };
  return (
    <>
      <TicketRows rows={rows} isWhole={!hasNextPage} onView={list.follow} onNearEnd={more} />
      {isFetchNextPageError ? (
        <p className="flex items-center justify-center gap-3 p-4 text-sm text-bad" role="alert">
          {text.tickets.moreFailed}
          <Button onClick={() => void list.fetchNextPage()}>{text.retryLoad}</Button>
        </p>
      ) : hasNextPage ? (
        <p className="p-4 text-center text-sm text-quiet">{text.tickets.loadingMore}</p>
      ) : null}
      <p className="text-sm text-quiet max-md:hidden">{text.tickets.keys}</p>
    </>
  );
}

const Nothing = ({ isFiltered }: { readonly isFiltered: boolean }) =>
  isFiltered ? (
    <Empty title={text.tickets.noMatch}>
      <Link href="/tickets" className="text-accent underline">
        {text.tickets.clear}
      </Link>
    </Empty>
  ) : (
    <Empty title={text.tickets.none}>
      <p className="max-w-md">{text.tickets.noneMore}</p>
    </Empty>
  );

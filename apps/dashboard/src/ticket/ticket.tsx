import type { TicketDetail } from '@pco/shared/contracts/http';
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'wouter';
import { CallError, call } from '../call.ts';
import { Failure } from '../parts/failure.tsx';
import { Folded } from '../parts/folded.tsx';
import { Link } from '../parts/link.tsx';
import { Page } from '../parts/page.tsx';
import { Empty, Loading } from '../parts/states.tsx';
import { plainText } from '../plain-text.ts';
import { text } from '../text/index.ts';
import { Facts } from './facts.tsx';
import { Head } from './head.tsx';
import { TicketTabs } from './ticket-tabs.tsx';

const t = text.ticket;

/** Everything about one ticket. */
export function Ticket() {
  const { ticketId = '' } = useParams();
  const ticket = useQuery({
    queryKey: ['ticket', ticketId],
    queryFn: ({ signal }) => call('ticket', { params: { ticketId }, signal }),
  });
  const { data, error } = ticket;
  if (isUnknown(error)) return <Unknown ticketId={ticketId} />;
  if (data) return <Shown ticket={data} />;
  return error ? <Failure error={error} onRetry={() => void ticket.refetch()} /> : <Loading />;
}

/** None of that id, or an id that no ticket can have. */
const isUnknown = (error: Error | null): boolean =>
  error instanceof CallError && (error.status === 404 || error.status === 422);

const Unknown = ({ ticketId }: { readonly ticketId: string }) => (
  <Page title={t.unknown(ticketId)}>
    <Empty title={t.unknownMore}>
      <Link href="/tickets" className="text-accent underline">
        {t.toList}
      </Link>
    </Empty>
  </Page>
);

function Shown({ ticket }: { readonly ticket: TicketDetail }) {
  const description = plainText(ticket.description);
  return (
    <Page title={<Title>{ticket.title}</Title>} windowTitle={`${ticket.id} ${ticket.title.slice(0, 100)}`} wide>
      <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-6 xl:grid-cols-[minmax(0,1fr)_18rem]">
        <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] content-start gap-5">
          <Head ticket={ticket} />
          <div className="xl:hidden">
            <Facts ticket={ticket} />
          </div>
          {description ? (
            <section aria-labelledby="description" className="grid gap-1">
              <h2 id="description" className="text-sm text-quiet">
                {t.description}
              </h2>
              <Folded>{description}</Folded>
            </section>
          ) : null}
          {ticket.summary && ticket.status !== 'completed' ? (
            <section aria-label={t.summary} className="grid gap-1 rounded-lg border border-line bg-surface p-4">
              <h2 className="text-sm font-semibold">{t.summary}</h2>
              <Folded>{ticket.summary}</Folded>
            </section>
          ) : null}
          <TicketTabs ticket={ticket} />
        </div>
        <aside className="hidden xl:block" aria-label={t.facts}>
          <Facts ticket={ticket} />
        </aside>
      </div>
    </Page>
  );
}

/** However long it is; all of it is under the pointer. */
const Title = ({ children: title }: { readonly children: string }) => (
  <span dir="auto" className="line-clamp-4" title={title}>
    {title}
  </span>
);

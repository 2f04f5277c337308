import type { TicketDetail, TranscriptEntry, TranscriptPage } from '@pco/shared/contracts/http';
import { useQuery } from '@tanstack/react-query';
import { useLayoutEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { CallError, call } from '../call.ts';
import { Badge } from '../parts/badge.tsx';
import { Button } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';
import { FIELD } from '../parts/field.ts';
import { Empty, Loading } from '../parts/states.tsx';
import { text } from '../text/index.ts';
import { tabPath } from './tab-path.ts';
import { Entry } from './transcript-entry.tsx';
import { useTranscript } from './use-transcript.ts';

const t = text.transcript;
/** So many entries are in the page until somebody asks for earlier ones. */
const SHOWN = 300;

interface TranscriptProps {
  readonly ticket: TicketDetail;
  /** Another session than the last one. */
  readonly session: string | undefined;
}

/** What the agent of a session says and does; it follows while the session runs. */
export function Transcript({ ticket, session }: TranscriptProps) {
  const asked = session ?? ticket.session_id ?? undefined;
  const head = useQuery({
    queryKey: ['ticket', ticket.id, 'transcript', asked],
    queryFn: () => call('transcript', { params: { ticketId: ticket.id }, query: { session: asked, limit: 1 } }),
    enabled: asked !== undefined,
  });
  const { entries, isLive, isRead } = useTranscript(ticket.id, asked, head.isSuccess);
  if (asked === undefined) return <Empty title={t.noSession} />;
  const picker = <Sessions ticket={ticket} session={asked} />;
  if (head.error && entries.length === 0)
    return (
      <div className="grid gap-4">
        {picker}
        {head.error instanceof CallError && head.error.status === 404 ? (
          <Empty title={t.gone}>
            <p>{head.error.message}</p>
          </Empty>
        ) : (
          <Failure error={head.error} onRetry={() => void head.refetch()} />
        )}
      </div>
    );
  return (
    <div className="grid min-w-0 gap-4">
      <div className="flex flex-wrap items-center gap-3">
        {picker}
        {isLive ? <Badge tone="good">{t.live}</Badge> : null}
        {head.data?.used?.turns ? <Used used={head.data.used} /> : null}
      </div>
      {entries.length > 0 ? (
        <Entries entries={entries} />
      ) : isRead || head.data?.entries.length === 0 ? (
        <Empty title={t.none}>
          <p>{t.noneMore}</p>
        </Empty>
      ) : (
        <Loading />
      )}
    </div>
  );
}

const Used = ({ used: { turns, tokens, cost_usd } }: { readonly used: NonNullable<TranscriptPage['used']> }) => (
  <p className="text-sm text-quiet">
    {[text.ticket.turns(turns), text.ticket.tokens(tokens), `$${cost_usd.toFixed(2)}`].join(' · ')}
  </p>
);

/** One session needs no choice. */
function Sessions({ ticket, session }: { readonly ticket: TicketDetail; readonly session: string }) {
  const [, go] = useLocation();
  const ids = new Set([...ticket.sessions.map(({ id }) => id), session]);
  if (ids.size < 2) return <code className="text-sm text-quiet">{session}</code>;
  return (
    <select
      aria-label={t.session}
      className={`${FIELD} w-auto`}
      value={session}
      onChange={({ target }) => go(tabPath(ticket.id, 'transcript', target.value), { replace: true })}
    >
      {[...ids].toReversed().map((id) => (
        <option key={id}>{id}</option>
      ))}
    </select>
  );
}

const AT_END_PX = 80;
const isAtEnd = () => window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - AT_END_PX;

/** Whoever stands at the end stays there while more is said. */
function Entries({ entries }: { readonly entries: readonly TranscriptEntry[] }) {
  const [shown, setShown] = useState(SHOWN);
  const wasAtEnd = useRef(false);
  const last = entries.at(-1)?.line;
  useLayoutEffect(() => {
    const look = () => {
      wasAtEnd.current = isAtEnd();
    };
    window.addEventListener('scroll', look, { passive: true });
    return () => window.removeEventListener('scroll', look);
  }, []);
  useLayoutEffect(() => {
    if (last !== undefined && wasAtEnd.current) window.scrollTo(0, document.documentElement.scrollHeight);
  }, [last]);
  return (
    <>
      {entries.length > shown ? (
        <Button className="justify-self-center" onClick={() => setShown(shown + SHOWN)}>
          {t.earlier}
        </Button>
      ) : null}
      <ol className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-3">
        {entries.slice(-shown).map((entry) => (
          <Entry key={entry.line} entry={entry} />
        ))}
      </ol>
    </>
  );
}

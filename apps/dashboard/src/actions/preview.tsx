import type { TicketView } from '@pco/shared/contracts/http';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { call } from '../call.ts';
import { text } from '../text/index.ts';

interface PreviewProps {
  readonly ticket: TicketView;
  /** The summary as somebody edits it just now. */
  readonly draft: string | undefined;
}

/** The comment and the state that an update will write, word for word as the api makes them, also while one edits. */
export function Preview({ ticket: { id, summary }, draft }: PreviewProps) {
  const asked = useSettled(draft);
  const isBlank = asked !== undefined && asked.trim() === '';
  const { data, error } = useQuery({
    queryKey: ['ticket', id, 'preview', asked ?? null],
    queryFn: ({ signal }) =>
      asked === undefined
        ? call('previewUpdate', { params: { ticketId: id }, signal })
        : call('previewSummary', { params: { ticketId: id }, body: { summary: asked }, signal }),
    placeholderData: keepPreviousData,
    enabled: !isBlank,
    refetchInterval: false, // a change of the ticket tells
    gcTime: 0, // of each letter typed
  });
  const { willBeWritten, stateWill, linkWill, notKnown } = text.actions;
  return (
    <section className="grid gap-1.5 text-sm" aria-label={willBeWritten}>
      <h3 className="text-quiet">{willBeWritten}</h3>
      <p
        className="max-h-64 overflow-auto rounded-md border border-line bg-ground px-3 py-2 whitespace-pre-wrap wrap-anywhere"
        dir="auto"
        data-comment
      >
        {data?.comment_text ?? draft ?? summary}
      </p>
      {data ? (
        <p className="flex flex-wrap gap-x-4 gap-y-1 text-quiet wrap-anywhere">
          <span>{stateWill[data.state.action](data.state.from, data.state.name)}</span>
          {data.link ? <span>{linkWill(data.link.title)}</span> : null}
          {data.state.why ? <span className="text-warn">{data.state.why}</span> : null}
          {data.incomplete ? <span className="text-warn">{data.incomplete}</span> : null}
        </p>
      ) : error ? (
        <p className="text-warn">{notKnown(error.message)}</p>
      ) : null}
    </section>
  );
}

const SETTLED_MS = 250;

/** As it is once nobody has typed for a moment; what opens or closes the editing counts at once. */
function useSettled(draft: string | undefined): string | undefined {
  const [settled, setSettled] = useState(draft);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(draft), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [draft]);
  return draft === undefined || settled === undefined ? draft : settled;
}

import '../zod-without-eval.ts';

import { TranscriptEntry } from '@pco/shared/contracts/http/transcript';
import { useEffect, useState } from 'react';
import { addressOf } from '../call.ts';

const APPEND_MS = 100; // a conversation that is read anew comes in thousands of entries
const REOPEN_MS = 2_000;

interface Followed {
  readonly entries: readonly TranscriptEntry[];
  /** More comes by itself. */
  readonly isLive: boolean;
  /** All there is was read once. */
  readonly isRead: boolean;
}
const NOTHING: Followed = { entries: [], isLive: false, isRead: false };

/** What the agent of a session said and did, and goes on to say: a line that comes twice is kept once. */
export function useTranscript(ticketId: string, session: string | undefined, isOn: boolean): Followed {
  const [followed, setFollowed] = useState(NOTHING);
  useEffect(() => {
    setFollowed(NOTHING);
    if (!isOn) return;
    let source: EventSource | undefined;
    let reopen: number | undefined;
    let append: number | undefined;
    let after = 0;
    let arrived: TranscriptEntry[] = [];
    const flush = () => {
      append = undefined;
      const more = arrived;
      arrived = [];
      setFollowed(({ entries, isLive }) => ({ entries: [...entries, ...more], isLive, isRead: true }));
    };
    const plan = () => {
      append ??= window.setTimeout(flush, APPEND_MS);
    };
    const open = () => {
      const query = { session, ...(after > 0 ? { after } : {}) };
      source = new EventSource(addressOf('transcriptStream', { params: { ticketId }, query }));
      source.addEventListener('open', () => setFollowed((now) => ({ ...now, isLive: true })));
      source.addEventListener('entry', ({ data }) => {
        const { data: entry } = TranscriptEntry.safeParse(JSON.parse(data));
        if (!entry || entry.line <= after) return;
        after = entry.line;
        arrived.push(entry);
        plan();
      });
      source.addEventListener('end', () => {
        source?.close();
        setFollowed((now) => ({ ...now, isLive: false }));
        plan();
      });
      source.addEventListener('error', () => {
        setFollowed((now) => ({ ...now, isLive: false }));
        if (source?.readyState === EventSource.CLOSED) reopen = window.setTimeout(open, REOPEN_MS);
      });
    };
    open();
    return () => {
      source?.close();
      window.clearTimeout(reopen);
      window.clearTimeout(append);
    };
  }, [ticketId, session, isOn]);
  return followed;
}

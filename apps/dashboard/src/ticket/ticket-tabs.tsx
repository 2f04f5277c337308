import type { TicketDetail } from '@pco/shared/contracts/http';
import { Tabs } from 'radix-ui';
import { lazy, type ReactNode, Suspense } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { Link } from '../parts/link.tsx';
import { Loading } from '../parts/states.tsx';
import { text } from '../text/index.ts';
import { Attempts } from './attempts.tsx';
import { Diff } from './diff.tsx';
import { TABS, type Tab, tabOf, tabPath } from './tab-path.ts';
import { Timeline } from './timeline.tsx';
import { Transcript } from './transcript.tsx';

const Terminal = lazy(() => import('../terminals/terminal.tsx').then(({ Terminal }) => ({ default: Terminal })));

/** What the parts of the page show, one at a time; which one stands in the address. */
export function TicketTabs({ ticket }: { readonly ticket: TicketDetail }) {
  const [search] = useSearchParams();
  const [, go] = useLocation();
  const choose = (tab: string) => go(tabPath(ticket.id, tabOf(new URLSearchParams({ tab }))), { replace: true });
  const shown: Readonly<Record<Tab, () => ReactNode>> = {
    timeline: () => <Timeline history={ticket.history} />,
    attempts: () => <Attempts ticket={ticket} />,
    transcript: () => <Transcript ticket={ticket} session={search.get('session') ?? undefined} />,
    diff: () => <Diff ticket={ticket} />,
    terminal: () => (
      <Suspense fallback={<Loading />}>
        <p className="flex justify-end pb-2 text-sm">
          <Link href={`/terminals/${encodeURIComponent(ticket.id)}/replay`} className="text-accent hover:underline">
            {text.terminals.replay}
          </Link>
        </p>
        <div className="h-[75dvh] min-h-80">
          <Terminal ticketId={ticket.id} />
        </div>
      </Suspense>
    ),
  };
  return (
    <Tabs.Root value={tabOf(search)} onValueChange={choose} className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-4">
      <Tabs.List
        aria-label={text.ticket.tabs.label}
        className="-mx-4 flex gap-1 overflow-x-auto border-b border-line px-4 md:mx-0 md:px-0"
      >
        {TABS.map((tab) => (
          <Tabs.Trigger
            key={tab}
            value={tab}
            className="-mb-px min-h-10 shrink-0 border-b-2 border-transparent px-3 text-sm text-quiet -outline-offset-2 hover:text-ink data-[state=active]:border-accent data-[state=active]:font-semibold data-[state=active]:text-ink touch:min-h-11"
          >
            {text.ticket.tabs[tab]}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {TABS.map((tab) => (
        <Tabs.Content key={tab} value={tab} className="min-w-0">
          {shown[tab]()}
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}

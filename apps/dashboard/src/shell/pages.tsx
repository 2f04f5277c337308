import { lazy } from 'react';
import { Route, Switch } from 'wouter';
import { Inbox } from '../inbox/inbox.tsx';
import { Link } from '../parts/link.tsx';
import { Empty } from '../parts/states.tsx';
import { text } from '../text/index.ts';

// The inbox comes with the page, because it is what people open; everything else when it is asked for.
const Ticket = lazy(() => import('../ticket/ticket.tsx').then(({ Ticket }) => ({ default: Ticket })));
const Tickets = lazy(() => import('../tickets/tickets.tsx').then(({ Tickets }) => ({ default: Tickets })));

const Automation = lazy(() =>
  import('../automation/automation.tsx').then(({ Automation }) => ({ default: Automation })),
);
const Wall = lazy(() => import('../terminals/wall.tsx').then(({ Wall }) => ({ default: Wall })));
const ReplayPage = lazy(() =>
  import('../terminals/replay-page.tsx').then(({ ReplayPage }) => ({ default: ReplayPage })),
);
const TerminalPage = lazy(() =>
  import('../terminals/terminal-page.tsx').then(({ TerminalPage }) => ({ default: TerminalPage })),
);
const Fleet = lazy(() => import('../fleet/fleet.tsx').then(({ Fleet }) => ({ default: Fleet })));
const Setup = lazy(() => import('../setup/setup.tsx').then(({ Setup }) => ({ default: Setup })));

/** Which page an address shows. */
export const Pages = () => (
  <Switch>
    <Route path="/" component={Inbox} />
    <Route path="/automation" component={Automation} />
    <Route path="/terminals" component={Wall} />
    <Route path="/terminals/:ticketId" component={TerminalPage} />
    <Route path="/terminals/:ticketId/replay" component={ReplayPage} />
    <Route path="/tickets" component={Tickets} />
    <Route path="/tickets/:ticketId" component={Ticket} />
    <Route path="/fleet" component={Fleet} />
    <Route path="/setup" component={Setup} />
    <Route>
      <Empty title={text.notFound.title}>
        <Link href="/" className="text-accent underline">
          {text.notFound.back}
        </Link>
      </Empty>
    </Route>
  </Switch>
);

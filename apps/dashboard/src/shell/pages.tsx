import { Link, Route, Switch } from 'wouter';
import { Inbox } from '../inbox/inbox.tsx';
import { Empty } from '../parts/states.tsx';
import { text } from '../text/index.ts';

// The inbox comes with the page, because it is what people open; everything else when it is asked for.

/** Which page an address shows. */
export const Pages = () => (
  <Switch>
    <Route path="/" component={Inbox} />
    <Route>
      <Empty title={text.notFound.title}>
        <Link href="/" className="text-accent underline">
          {text.notFound.back}
        </Link>
      </Empty>
    </Route>
  </Switch>
);

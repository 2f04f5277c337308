import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';
import { Page } from '../parts/page.tsx';
import { Empty, Loading } from '../parts/states.tsx';
import { text } from '../text/index.ts';
import { Large } from './large.tsx';
import { keepLayout, LAYOUTS, type Layout, readLayout } from './settings.ts';
import { Thumbnail } from './thumbnail.tsx';
import { useRunning } from './use-running.ts';

const GRIDS: Readonly<Record<Layout, string>> = {
  wall: 'grid-cols-[repeat(auto-fill,minmax(min(22rem,100%),1fr))]',
  1: 'grid-cols-1',
  2: 'grid-cols-1 lg:grid-cols-2',
  4: 'grid-cols-1 lg:grid-cols-2',
};

/** All running sessions at once: small pictures that stay live, or one, two or four that one can work in. */
export function Wall() {
  const { tickets, isLoading, error, reload } = useRunning();
  const [layout, setLayout] = useState(readLayout);
  const words = text.terminals;
  if (error && tickets.length === 0) return <Failure error={error} onRetry={reload} />;
  if (isLoading) return <Loading />;
  const choose = (chosen: Layout) => {
    setLayout(chosen);
    keepLayout(chosen);
  };
  const title = words.title;
  if (tickets.length === 0)
    return (
      <Page title={title}>
        <Empty title={words.nothing}>
          <p>{words.nothingMore}</p>
        </Empty>
      </Page>
    );
  const choices = (
    <fieldset className="flex gap-1" aria-label={words.layout}>
      {LAYOUTS.map((one) => (
        <Button
          key={one}
          aria-pressed={one === layout}
          className="aria-pressed:bg-raised aria-pressed:font-semibold"
          onClick={() => choose(one)}
        >
          {words.layouts[one]}
        </Button>
      ))}
    </fieldset>
  );
  return (
    <Page title={title} windowTitle={`${title} (${tickets.length})`} actions={choices} wide>
      <ul className={`grid gap-4 ${GRIDS[layout]}`}>
        {tickets.map((ticket) =>
          layout === 'wall' ? (
            <Thumbnail key={ticket.id} ticket={ticket} />
          ) : (
            <Large key={ticket.id} ticket={ticket} isHalf={layout === '4'} />
          ),
        )}
      </ul>
    </Page>
  );
}

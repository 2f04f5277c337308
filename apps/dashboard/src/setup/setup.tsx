import type { Setup as SetupState } from '@pco/shared/contracts/http';
import { useQuery } from '@tanstack/react-query';
import { call } from '../call.ts';
import { Button } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';
import { Link } from '../parts/link.tsx';
import { Page } from '../parts/page.tsx';
import { PANEL } from '../parts/section.tsx';
import { Empty } from '../parts/states.tsx';
import { When } from '../parts/when.tsx';
import { useMay } from '../shell/me.tsx';
import { text } from '../text/index.ts';
import { Checks } from './checks.tsx';
import { Mark } from './mark.tsx';

/** Whether everything is there, and how to mend what is not: where one begins. */
export function Setup() {
  const words = text.setup;
  if (useMay('operator')) return <Looked />;
  return (
    <Page title={words.title}>
      <Empty title={words.forbidden.title}>
        <p>{words.forbidden.more}</p>
      </Empty>
    </Page>
  );
}

function Looked() {
  const words = text.setup;
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['setup'],
    queryFn: () => call('setup'),
    // it asks Plane and every runner: when somebody wants to know
    refetchInterval: false,
    refetchOnWindowFocus: false,
    retry: false,
  });
  const again = (
    <Button disabled={isFetching} onClick={() => void refetch()}>
      {isFetching ? words.busy : words.again}
    </Button>
  );
  return (
    <Page title={words.title} actions={again}>
      {data ? <Result state={data} /> : null}
      {error && !isFetching ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!data && isFetching ? (
        <p className="px-4 py-24 text-center text-sm text-quiet" role="status">
          {words.looking}
        </p>
      ) : null}
    </Page>
  );
}

function Result({ state: { level, groups, checked_at, ever_approved } }: { readonly state: SetupState }) {
  const words = text.setup;
  return (
    <div className="grid gap-6">
      <div className={`${PANEL} flex items-center gap-3`} role="status">
        <Mark level={level} isLarge />
        <p className="min-w-0 flex-1 font-medium">{words.levels[level]}</p>
        <p className="text-xs whitespace-nowrap text-quiet max-md:hidden">
          {words.checked} <When at={checked_at} />
        </p>
      </div>
      {level !== 'bad' && !ever_approved ? <Next /> : null}
      {groups.map((group) => (
        <Checks key={`${group.of} ${group.runner}`} group={group} />
      ))}
    </div>
  );
}

/** Nothing was ever approved here: what one does now. */
function Next() {
  const { title, steps, link } = text.setup.next;
  return (
    <div className={`${PANEL} grid gap-3`}>
      <h2 className="font-medium">{title}</h2>
      <ol className="grid list-decimal gap-1 pl-5 text-sm">
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <Link href="/" className="justify-self-start text-sm text-accent underline underline-offset-2">
        {link}
      </Link>
    </div>
  );
}

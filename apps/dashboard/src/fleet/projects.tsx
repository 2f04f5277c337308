import type { Health, ProjectView } from '@pco/shared/contracts/http';
import { useMutation } from '@tanstack/react-query';
import type { z } from 'zod';
import { call } from '../call.ts';
import { Badge } from '../parts/badge.tsx';
import { Button } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';
import { Meter } from '../parts/meter.tsx';
import { PANEL, Section } from '../parts/section.tsx';
import { Empty, Loading } from '../parts/states.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { When } from '../parts/when.tsx';
import { useMay } from '../shell/me.tsx';
import { text } from '../text/index.ts';
import { latest } from './columns.ts';
import { useHealthDetails, useHistory, useProjects } from './use-fleet.ts';

const RECENT_MINUTES = 60;

/** What is watched in Plane, whether it can be read, and what that costs. */
export function Projects() {
  const { data, error, refetch } = useProjects();
  const mayPoll = useMay('operator');
  const words = text.fleet.projects;
  if (!data) return error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading />;
  return (
    <Section title={words.title}>
      {data.length === 0 ? (
        <div className={PANEL}>
          <Empty title={words.none}>
            <p className="max-w-prose">{words.noneMore}</p>
          </Empty>
        </div>
      ) : (
        <Table label={words.title} columns={columnsOf(mayPoll)} rows={data} keyOf={({ id }) => id} />
      )}
      <div className="grid gap-4 md:grid-cols-2">
        <Webhooks />
        <Budget />
      </div>
    </Section>
  );
}

function columnsOf(mayPoll: boolean): Column<ProjectView>[] {
  const words = text.fleet.projects;
  return [
    { label: words.name, cell: ({ identifier }) => identifier },
    { label: words.polled, cell: ({ last_poll_at: at }) => (at ? <When at={at} /> : words.never) },
    { label: words.state, cell: (project) => <State project={project} /> },
    ...(mayPoll
      ? [{ label: words.poll, isNumber: true, isExtra: true, cell: ({ id }: ProjectView) => <Poll project={id} /> }]
      : []),
  ];
}

function State({ project: { failures, error } }: { readonly project: ProjectView }) {
  const words = text.fleet.projects;
  if (error === null) return <Badge tone="good">{words.fine}</Badge>;
  return (
    <div className="grid justify-items-start gap-1">
      <Badge tone="bad">{words.failing(failures)}</Badge>
      <span className="text-xs wrap-anywhere text-bad">{error}</span>
    </div>
  );
}

function Poll({ project }: { readonly project: string }) {
  const words = text.fleet.projects;
  const poll = useMutation({ mutationFn: () => call('pollProject', { params: { projectId: project } }) });
  return (
    <>
      <Button disabled={poll.isPending} onClick={() => poll.mutate()}>
        {poll.isSuccess ? words.polling : words.poll}
      </Button>
      {poll.error ? (
        <span role="alert" className="block text-xs text-bad">
          {poll.error.message}
        </span>
      ) : null}
    </>
  );
}

type WebhookHealth = NonNullable<z.output<typeof Health>['webhooks']>;
const TONES = { off: 'neutral', waiting: 'neutral', healthy: 'good', unhealthy: 'bad' } as const satisfies Record<
  WebhookHealth['status'],
  string
>;

function Webhooks() {
  const webhooks = useHealthDetails().data?.webhooks;
  const words = text.fleet.projects;
  if (!webhooks) return null;
  const { status, last_delivery_at, error } = webhooks;
  return (
    <div className={`${PANEL} grid content-start gap-2 text-sm`}>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="font-medium">{words.webhooks}</h3>
        <Badge tone={TONES[status]}>{words.webhookStates[status]}</Badge>
      </div>
      {last_delivery_at ? (
        <p className="text-xs text-quiet">
          {words.delivered} <When at={last_delivery_at} />
        </p>
      ) : null}
      {error ? <p className="text-bad">{error}</p> : null}
    </div>
  );
}

function Budget() {
  const { data } = useHistory(RECENT_MINUTES);
  const [used, limit] = [latest(data?.plane.used), latest(data?.plane.limit)];
  const words = text.fleet.projects;
  if (used === null || limit === null) return null;
  return (
    <div className={`${PANEL} grid content-center`}>
      <Meter label={words.budget} value={used} max={limit} said={words.budgetOf(used, limit)} />
    </div>
  );
}

import { ExternalLink } from 'lucide-react';
import { BUTTON } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';
import { Section } from '../parts/section.tsx';
import { Loading } from '../parts/states.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { When } from '../parts/when.tsx';
import { useMay } from '../shell/me.tsx';
import { text } from '../text/index.ts';
import { groupQueues, type QueueGroup } from './group-queues.ts';
import { useHistory, useQueues } from './use-fleet.ts';

const BOARD = '/admin/queues';
const RECENT_MINUTES = 60;

/** What waits for which worker, for how long; the jobs themselves are in Bull Board. */
export function Queues() {
  const { data, error, refetch } = useQueues();
  const { data: history } = useHistory(RECENT_MINUTES);
  const mayOpen = useMay('operator');
  const words = text.fleet.queues;
  if (!data) return error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading />;
  return (
    <Section title={words.title} actions={mayOpen ? <Board /> : null}>
      <Table
        label={words.title}
        columns={columnsOf(mayOpen)}
        rows={groupQueues(data, history)}
        keyOf={({ kind }) => kind}
      />
    </Section>
  );
}

const Board = () => (
  <a href={BOARD} target="_blank" rel="noreferrer" className={`${BUTTON} border-line bg-surface hover:bg-raised`}>
    {text.fleet.queues.open}
    <ExternalLink size={14} aria-hidden />
  </a>
);

function columnsOf(mayOpen: boolean): Column<QueueGroup>[] {
  const { name, waiting, oldest, active, perMinute, failed } = text.fleet.queues;
  const number = { isNumber: true } as const;
  return [
    { label: name, cell: (group) => <Name group={group} mayOpen={mayOpen} /> },
    { label: waiting, ...number, cell: (group) => group.waiting },
    { label: oldest, ...number, cell: ({ oldestAt }) => (oldestAt === null ? NONE : <When at={oldestAt} />) },
    { label: active, ...number, isExtra: true, cell: (group) => group.active },
    { label: perMinute, ...number, isExtra: true, cell: (group) => group.perMinute ?? NONE },
    {
      label: failed,
      ...number,
      cell: (group) => <span className={group.failed > 0 ? 'font-medium text-bad' : ''}>{group.failed}</span>,
    },
  ];
}

const NONE = <span className="text-quiet">–</span>;

function Name({ group: { kind, names }, mayOpen }: { readonly group: QueueGroup; readonly mayOpen: boolean }) {
  const label = text.fleet.queues.kinds[kind] ?? kind;
  return (
    <div className="grid gap-0.5">
      <span>{label}</span>
      <span className="flex flex-wrap gap-x-2 text-xs text-quiet max-md:hidden">
        {names.map((name) =>
          mayOpen ? (
            <a
              key={name}
              href={`${BOARD}/queue/${encodeURIComponent(name)}`}
              target="_blank"
              rel="noreferrer"
              className="underline decoration-line underline-offset-2 hover:text-ink"
            >
              {name}
            </a>
          ) : (
            <span key={name}>{name}</span>
          ),
        )}
      </span>
    </div>
  );
}

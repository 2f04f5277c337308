import type { Changes, TicketDetail } from '@pco/shared/contracts/http';
import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { CallError, call } from '../call.ts';
import { Failure } from '../parts/failure.tsx';
import { Empty, Loading } from '../parts/states.tsx';
import { text } from '../text/index.ts';
import { Counts, DiffFile } from './diff-file.tsx';

const t = text.diff;
const EACH_MS = 15_000;

/** What the agents of a ticket changed: on its branch, and what is on none yet. */
export function Diff({ ticket }: { readonly ticket: TicketDetail }) {
  const isRunning = ['starting', 'active', 'waiting'].includes(ticket.status);
  const diff = useQuery({
    queryKey: ['ticket', ticket.id, 'diff'],
    queryFn: ({ signal }) => call('diff', { params: { ticketId: ticket.id }, signal }),
    enabled: ticket.session_id !== null,
    refetchInterval: isRunning ? EACH_MS : false, // nobody tells when an agent writes a file
  });
  if (ticket.session_id === null) return <Empty title={t.noSession} />;
  if (diff.isPending) return <Loading />;
  if (!diff.data)
    return diff.error instanceof CallError && diff.error.status === 404 ? (
      <Empty title={t.gone}>
        <p>{diff.error.message}</p>
      </Empty>
    ) : (
      <Failure error={diff.error} onRetry={() => void diff.refetch()} />
    );
  const { branch, base, head, is_shared, committed, uncommitted } = diff.data;
  const isNothing = committed.files_total === 0 && (uncommitted?.files_total ?? 0) === 0;
  return (
    <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-6">
      <p className="flex flex-wrap gap-x-2 text-sm text-quiet">
        {branch ? <code className="wrap-anywhere">{branch}</code> : null}
        <code>
          {base.slice(0, 8)}…{head.slice(0, 8)}
        </code>
      </p>
      {is_shared ? <p className="text-sm text-warn">{t.shared}</p> : null}
      {isNothing ? (
        <Empty title={t.none}>
          <p>{t.noneMore}</p>
        </Empty>
      ) : null}
      {uncommitted && uncommitted.files_total > 0 ? (
        <Part title={t.uncommitted} more={is_shared ? '' : t.uncommittedMore} changes={uncommitted} isLoose />
      ) : null}
      {committed.files_total > 0 ? <Part title={t.committed} changes={committed} /> : null}
    </div>
  );
}

interface PartProps {
  readonly title: string;
  readonly more?: string;
  readonly changes: Changes;
  /** On no branch. */
  readonly isLoose?: boolean;
}

function Part({ title, more, changes, isLoose = false }: PartProps) {
  const { files, files_total, additions, deletions, cut } = changes;
  const id = useId();
  return (
    <section aria-labelledby={id} className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-3">
      <h3 id={id} className={`flex flex-wrap items-center gap-x-3 font-semibold ${isLoose ? 'text-warn' : ''}`}>
        {title}
        <span className="text-sm font-normal text-quiet">{t.files(files_total)}</span>
        <Counts additions={additions} deletions={deletions} />
      </h3>
      {more ? <p className="text-sm text-quiet">{more}</p> : null}
      {files.length > 1 ? (
        <nav aria-label={t.list}>
          <ul className="grid min-w-0 rounded-lg border border-line bg-surface py-1 text-sm">
            {files.map((file, nth) => (
              <li key={file.path} className="flex min-w-0 items-center gap-3 px-3 py-1">
                <a
                  href={`#${id}-${nth}`}
                  className="min-w-0 flex-1 truncate font-mono text-xs hover:underline"
                  dir="auto"
                >
                  {file.path}
                </a>
                <span className="text-xs text-quiet">{t.status[file.status]}</span>
                <Counts additions={file.additions} deletions={file.deletions} />
              </li>
            ))}
          </ul>
        </nav>
      ) : null}
      {files.map((file, nth) => (
        <DiffFile key={file.path} id={`${id}-${nth}`} file={file} isLoose={isLoose} />
      ))}
      {cut ? <p className="text-sm text-warn">{cut}</p> : null}
    </section>
  );
}

import type { AttemptView, SessionView, TicketDetail } from '@pco/shared/contracts/http';
import { Link } from '../parts/link.tsx';
import { Empty } from '../parts/states.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { When } from '../parts/when.tsx';
import { text } from '../text/index.ts';
import { duration } from '../time.ts';
import { tabPath } from './tab-path.ts';
import { WriteBacks } from './write-backs.tsx';

const t = text.attempts;

/** Each attempt with its sessions, the newest first, and what was written to Plane in the end. */
export function Attempts({ ticket }: { readonly ticket: TicketDetail }) {
  const sessionOf = new Map(ticket.sessions.map((session) => [session.id, session]));
  return (
    <div className="grid min-w-0 gap-6">
      {ticket.attempts.length === 0 ? (
        <Empty title={t.none}>
          <p>{t.noneMore}</p>
        </Empty>
      ) : (
        <ol className="grid min-w-0 gap-3">
          {ticket.attempts.toReversed().map((attempt) => (
            <Attempt
              key={`${attempt.round} ${attempt.stage} ${attempt.number} ${attempt.begun_at}`}
              attempt={attempt}
              sessions={attempt.sessions.flatMap((id) => sessionOf.get(id) ?? [])}
              ticketId={ticket.id}
            />
          ))}
        </ol>
      )}
      <WriteBacks writeBacks={ticket.write_backs} planeUrl={ticket.plane_url} />
    </div>
  );
}

interface AttemptProps {
  readonly attempt: AttemptView;
  readonly sessions: readonly SessionView[];
  readonly ticketId: string;
}

function Attempt({ attempt, sessions, ticketId }: AttemptProps) {
  const { round, number, stage, because, begun_by, begun_at, ended_at, outcome, reason } = attempt;
  const why = t.because[because];
  return (
    <li className="grid min-w-0 gap-3 rounded-lg border border-line bg-surface p-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="font-semibold">{t.title(number, stage)}</h3>
        {outcome ? <StatusBadge status={outcome} /> : <span className="text-sm text-quiet">{t.lasts}</span>}
        {round > 1 ? <span className="text-sm text-quiet">{t.round(round)}</span> : null}
        <span className="ml-auto flex flex-wrap gap-x-3 text-xs text-quiet">
          <span dir="auto">{begun_by ? t.by(why, begun_by) : why}</span>
          {ended_at ? <span>{between(begun_at, ended_at)}</span> : null}
          <When at={begun_at} />
        </span>
      </div>
      {reason ? (
        <p className="text-sm text-quiet wrap-anywhere" dir="auto">
          {reason.text}
        </p>
      ) : null}
      {sessions.length === 0 ? null : (
        <ul className="grid min-w-0 gap-2">
          {sessions.map((session) => (
            <Session key={session.id} session={session} ticketId={ticketId} />
          ))}
        </ul>
      )}
    </li>
  );
}

const between = (from: string, to: string): string => duration(Date.parse(to) - Date.parse(from));

function Session({ session, ticketId }: { readonly session: SessionView; readonly ticketId: string }) {
  const { id, runner, claimed_at, started_at, ended_at, exit_code, branch } = session;
  const facts = [
    [t.runner, runner],
    [t.started, started_at ? <When key="at" at={started_at} /> : t.notStarted],
    [t.duration, ended_at ? between(started_at ?? claimed_at, ended_at) : t.runs],
    [t.exitCode, ended_at ? (exit_code ?? '–') : '–'],
    ...(branch ? [[t.branch, <code key="branch">{branch}</code>]] : []),
  ] as const;
  return (
    <li className="grid min-w-0 gap-2 rounded-md bg-raised/60 p-3">
      <p className="flex flex-wrap items-center justify-between gap-2 text-sm">
        <code className="wrap-anywhere">{id}</code>
        <Link href={tabPath(ticketId, 'transcript', id)} className="text-accent hover:underline">
          {t.transcript}
        </Link>
      </p>
      <dl className="grid grid-cols-2 gap-x-4 gap-y-2 text-sm sm:grid-cols-3 lg:grid-cols-5">
        {facts.map(([name, value]) => (
          <div key={String(name)} className="min-w-0">
            <dt className="text-xs text-quiet">{name}</dt>
            <dd className="wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
    </li>
  );
}

import { useQueries } from '@tanstack/react-query';
import { listQuery } from '../lists.ts';
import { Badge, type Tone } from '../parts/badge.tsx';
import { Page } from '../parts/page.tsx';
import { Empty, Loading } from '../parts/states.tsx';
import { type HealthState, useHealth } from '../shell/use-health.ts';
import { text } from '../text/index.ts';
import { ActiveCard, CompletedCard, PendingCard } from './cards.tsx';
import { Section } from './section.tsx';
import { useOpenTerminal } from './use-open-terminal.ts';

const TONES: Readonly<Record<string, Tone>> = { online: 'good', degraded: 'warn', offline: 'bad' };

/** The flow of Plane at one look: what waits for a start, what runs, what waits to be written (B-183 to B-195). */
export function Automation() {
  const health = useHealth();
  const openTerminal = useOpenTerminal();
  const [pending, active, completed] = useQueries({
    queries: [listQuery('pendingTickets'), listQuery('activeSessions'), listQuery('completedTickets')],
  });
  const { title, hint, hintMore, nothing, nothingMore, counts, sections } = text.automation;
  const lists = [pending.data, active.data, completed.data];
  return (
    <Page
      title={
        <span className="flex items-center gap-2">
          {title}
          <Mark {...health} />
        </span>
      }
      windowTitle={title}
      actions={
        pending.data && completed.data ? (
          <p className="flex gap-4 text-sm text-quiet">
            <span>{counts.pending(pending.data.length)}</span>
            <span>{counts.completed(completed.data.length)}</span>
          </p>
        ) : null
      }
    >
      {health.status === 'offline' ? (
        <Empty title={hint}>
          <p>{hintMore(location.origin)}</p>
        </Empty>
      ) : lists.some((list) => list === undefined) ? (
        <Loading />
      ) : lists.every((list) => list?.length === 0) ? (
        <Empty title={nothing}>
          <p>{nothingMore}</p>
        </Empty>
      ) : (
        <div className="grid gap-8">
          <Section title={sections.pending} tickets={pending.data ?? []}>
            {(ticket) => <PendingCard ticket={ticket} onApproved={openTerminal} />}
          </Section>
          <Section title={sections.active} tickets={active.data ?? []}>
            {(ticket) => <ActiveCard ticket={ticket} />}
          </Section>
          <Section title={sections.completed} tickets={completed.data ?? []}>
            {(ticket) => <CompletedCard ticket={ticket} />}
          </Section>
        </div>
      )}
    </Page>
  );
}

const Mark = ({ status, reasons }: HealthState) =>
  status ? (
    <span title={reasons.join('\n')} className="inline-flex">
      <Badge tone={TONES[status] ?? 'neutral'}>
        <span aria-hidden>●</span>
        <span>{text.health[status]}</span>
      </Badge>
    </span>
  ) : null;

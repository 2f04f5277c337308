import { useQueries } from '@tanstack/react-query';
import { useInbox } from '../inbox/use-inbox.tsx';
import { listQuery } from '../lists.ts';
import { Badge, type Tone } from '../parts/badge.tsx';
import { Page } from '../parts/page.tsx';
import { Empty, Loading } from '../parts/states.tsx';
import { type HealthState, useHealth } from '../shell/use-health.ts';
import { text } from '../text/index.ts';
import { ActiveCard, CompletedCard, PendingCard } from './cards.tsx';
import { Section } from './section.tsx';
import { useOpenTerminal } from './use-open-terminal.ts';

/** So many of a step are shown: to decide one by one; the inbox holds any number. */
const MOST = 100;

const TONES: Readonly<Record<string, Tone>> = { online: 'good', degraded: 'warn', offline: 'bad' };

/** The flow of Plane at one look: what waits for a start, what runs, what waits to be written (B-183 to B-195). */
export function Automation() {
  const health = useHealth();
  const openTerminal = useOpenTerminal();
  const [pending, active, completed] = useQueries({
    queries: [listQuery('pendingTickets', MOST), listQuery('activeSessions'), listQuery('completedTickets', MOST)],
  });
  const { title, hint, hintMore, nothing, nothingMore, counts, sections } = text.automation;
  const { first } = useInbox();
  const totals = {
    pending: totalOf(pending.data, first?.pending),
    completed: totalOf(completed.data, first?.completed),
  };
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
            <span>{counts.pending(totals.pending)}</span>
            <span>{counts.completed(totals.completed)}</span>
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
          <Section title={sections.pending} tickets={pending.data ?? []} total={totals.pending}>
            {(ticket) => <PendingCard ticket={ticket} onApproved={openTerminal} />}
          </Section>
          <Section title={sections.active} tickets={active.data ?? []} total={active.data?.length ?? 0}>
            {(ticket) => <ActiveCard ticket={ticket} />}
          </Section>
          <Section title={sections.completed} tickets={completed.data ?? []} total={totals.completed}>
            {(ticket) => <CompletedCard ticket={ticket} />}
          </Section>
        </div>
      )}
    </Page>
  );
}

/** A list that is not full is all there is; of a longer one the inbox knows how long it is. */
const totalOf = (shown: readonly unknown[] = [], counted = 0): number =>
  shown.length < MOST ? shown.length : Math.max(shown.length, counted);

const Mark = ({ status, reasons }: HealthState) =>
  status ? (
    <span title={reasons.join('\n')} className="inline-flex">
      <Badge tone={TONES[status] ?? 'neutral'}>
        <span aria-hidden>●</span>
        <span>{text.health[status]}</span>
      </Badge>
    </span>
  ) : null;

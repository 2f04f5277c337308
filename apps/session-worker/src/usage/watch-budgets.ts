import type { Config } from '@pco/shared/config';
import { type Budget, judgeBudget } from '@pco/shared/domain';
import { every } from '@pco/shared/engine';
import { SECOND_MS } from '@pco/shared/time';
import { agentNamed } from '../agent/choose-agent.ts';
import type { Host } from '../host.ts';
import type { SessionMeta } from '../session-files.ts';
import { createMeter, type Meter, spentSince } from './meter.ts';

const PERIOD_MS = SECOND_MS;

interface Watched {
  readonly meta: SessionMeta;
  readonly budget: Budget;
  readonly meter: Meter;
  /** Limits that were near when the ticket was last told. */
  told: string;
}

const hasLimits = ({ automation, projects }: Config): boolean =>
  [automation, ...Object.values(projects)].some(({ agent }) => Object.keys(agent ?? {}).length > 0);

/**
 * Tells a ticket when its session comes near a limit of turns, tokens or money, and when it has reached one; what that
 * means is decided there. Minutes are the ticket's own to count.
 */
export function watchBudgets(host: Host): AsyncDisposable {
  const watched = new Map<string, Watched>();
  const look = async (): Promise<void> => {
    for (const id of watched.keys()) if (!host.watched.has(id)) watched.delete(id);
    for (const id of host.watched.keys()) {
      const one = watched.get(id) ?? (await begin(host, id));
      if (!one) continue;
      watched.set(id, one);
      await tellUsed(host, one);
    }
  };
  // without any limit nothing is read
  return every(PERIOD_MS, hasLimits(host.config) ? look : async () => {}, host.log, 'budgets');
}

async function begin({ files, core }: Host, sessionId: string): Promise<Watched | undefined> {
  const meta = await files(sessionId).readMeta();
  const { ticket } = meta ? await core.store.load(meta.ticketId) : { ticket: null };
  if (!meta || !ticket) return undefined;
  const { ms: _, ...budget } = core.policyOf(ticket.workItem).budget;
  return { meta, budget, meter: createMeter(agentNamed(meta.agent), files(sessionId).dir), told: '[]' };
}

async function tellUsed({ core, log }: Host, watched: Watched): Promise<void> {
  const { meta, budget, meter } = watched;
  const usage = meter.read();
  if (!usage) return;
  const turns = Math.max(0, usage.turns - (meta.before?.turns ?? 0));
  const used = { turns, ...spentSince(usage, meta.before) };
  const { over, near } = judgeBudget(budget, used);
  const text = JSON.stringify(near);
  if (!over && text === watched.told) return; // a limit that is reached is told until the session has ended
  const { ticketId, sessionId } = meta;
  const { ticket } = await core.store.load(ticketId);
  if (!ticket) return;
  const told = { id: `used-${sessionId}`, type: 'session.used', ticketId, cid: ticket.cid, sessionId, used } as const;
  const answer = await core.apply(told);
  watched.told = text;
  if (answer.kind === 'changed')
    log.warn(
      { event: `session.budget-${over ? 'over' : 'near'}`, ticketId, cid: ticket.cid, limit: over ?? near, used },
      over ? 'session is at a limit of its budget' : 'session comes near a limit of its budget',
    );
}

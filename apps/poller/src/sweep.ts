import type { Page, WorkItemRow } from '@pco/shared/plane';
import { passes } from './filters.ts';
import { isPlanned } from './find-triggers.ts';
import { firstLargePage, listPage } from './list-page.ts';
import { assertOpen } from './look-at.ts';
import { type Poll, toSeen } from './poll.ts';
import type { Seen } from './poll-store.ts';
import type { Sweep } from './sweep-store.ts';
import { trigger } from './trigger.ts';

/** The sweep compares times only: everything else would cost Plane a query per row. */
const TIMES = ['updated_at'];

/**
 * The first look at a project: what exists is remembered, and made a ticket only if the configuration asks for that
 * (B-055). A poll that does not come to its end is gone on with by the next.
 *
 * @returns number of tickets triggered, or null when another poller has taken the project over
 */
export async function recordBaseline(poll: Poll, now: number): Promise<number | null> {
  const { projectId, polls, sweeps, rules, log, identifier } = poll;
  let triggered = 0;
  const sweep = await listAll(poll, 'baseline', rules.fields, async (rows) => {
    const known = await polls.seen(
      projectId,
      rows.map(({ id }) => id),
    );
    const unseen = rows.filter((_, i) => known[i] === null);
    const isWanted = (row: WorkItemRow) =>
      rules.initialScan === 'enqueue' &&
      rules.triggers.new_tickets &&
      isPlanned(row.state.group) &&
      passes(rules.filters, row);
    const saveRows = (some: readonly WorkItemRow[]) => saveSeen(poll, some);
    if (!(await saveRows(unseen.filter((row) => !isWanted(row))))) return null;
    for (const row of unseen.filter(isWanted).toReversed()) {
      triggered += (await trigger(poll, row, { type: 'new_ticket', before: null })) ? 1 : 0;
      if (!(await saveRows([row]))) return null;
    }
    return { differsUs: 0, listed: [] };
  });
  const token = poll.token();
  if (!sweep || !token) return null;
  const { watermarkUs, total } = sweep;
  if (total === 0) await assertOpen(poll); // an archived project is empty too, and would be news when it is restored
  await sweeps.endSweep(projectId);
  const done = { watermarkUs, baselineUs: watermarkUs, total, polledAt: now, sweptAt: now };
  if (!(await polls.save(projectId, token, new Map(), done))) return null;
  poll.count.total = total;
  const scan = rules.initialScan;
  log.info({ event: 'poll.baseline', project: identifier, workItems: total, scan }, 'project baseline recorded');
  return triggered;
}

/**
 * Compares everything that was seen with everything there is. What is missing is in doubt: only a look of its own says
 * that it is gone. What differs is read once more by the next poll.
 *
 * @returns whether it is complete; null when another poller has taken the project over
 */
export async function compareAll(poll: Poll, now: number): Promise<true | null> {
  const { projectId, polls, sweeps, log, identifier } = poll;
  const sweep = await listAll(poll, 'compare', TIMES, async (rows) => {
    const ids = rows.map(({ id }) => id);
    const known = await polls.seen(projectId, ids);
    const differing = rows.filter((row, i) => known[i]?.updatedUs !== row.updatedUs || known[i]?.gone);
    return { differsUs: Math.min(...differing.map(({ updatedUs }) => updatedUs)), listed: ids };
  });
  const token = poll.token();
  if (!sweep || !token) return null;
  const missing = await sweeps.doubtUnlisted(projectId, polls.known(projectId));
  const { total, differsUs } = sweep;
  await sweeps.endSweep(projectId);
  const reread = differsUs > 0 ? { rereadUs: differsUs, rereadAt: now } : {};
  if (!(await polls.save(projectId, token, new Map(), { total, sweptAt: now, gap: 0, ...reread }))) return null;
  poll.count.total = total;
  log.info({ event: 'poll.swept', project: identifier, workItems: total, missing }, 'project compared with Plane');
  return true;
}

interface PageResult {
  /** The oldest row that is not as it was seen; no finite number when all are. */
  readonly differsUs: number;
  /** What is to be remembered as listed. */
  readonly listed: readonly string[];
}

/** Every page once; the sweep is saved after each. Null when another poller has taken the project over. */
async function listAll(
  poll: Poll,
  kind: Sweep['kind'],
  fields: readonly string[],
  onPage: (rows: readonly WorkItemRow[]) => Promise<PageResult | null>,
): Promise<Sweep | null> {
  const { sweeps, projectId } = poll;
  let sweep = await sweeps.sweep(projectId);
  if (sweep && (sweep.kind !== kind || sweep.page === '')) {
    await sweeps.endSweep(projectId); // its poll died between the last page and the end
    sweep = null;
  }
  for (;;) {
    const { perPage, page }: { perPage: number; page: Page<WorkItemRow> } = sweep
      ? { perPage: sweep.perPage, page: await listPage(poll, { perPage: sweep.perPage, page: sweep.page, fields }) }
      : await firstLargePage(poll, fields);
    const result = await onPage(page.rows);
    const token = poll.token();
    if (!result || !token) return null;
    sweep = {
      ...(sweep ?? { kind, perPage, total: page.totalCount, watermarkUs: page.rows[0]?.updatedUs ?? 0 }),
      page: page.nextCursor ?? '',
      differsUs: earlier(sweep?.differsUs ?? 0, result.differsUs),
    };
    if (!(await sweeps.saveSweep(projectId, token, sweep, result.listed))) return null;
    if (page.nextCursor === null) return sweep;
  }
}

/** 0 and no finite number stand for never. */
const earlier = (a: number, b: number): number => {
  const both = [a, b].filter((us) => us > 0 && Number.isFinite(us));
  return both.length > 0 ? Math.min(...both) : 0;
};

async function saveSeen({ polls, projectId, rules, ...poll }: Poll, rows: readonly WorkItemRow[]): Promise<boolean> {
  const token = poll.token();
  const seen = new Map<string, Seen>(rows.map((row) => [row.id, toSeen(rules, row)]));
  return token !== null && (rows.length === 0 || (await polls.save(projectId, token, seen)));
}

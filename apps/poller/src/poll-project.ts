import type { PlaneClient, WorkItemRow } from '@pco/shared/plane';
import { findGone } from './find-gone.ts';
import { isPlanned } from './find-triggers.ts';
import type { Poll } from './poll.ts';
import type { Cursor, Seen } from './poll-store.ts';
import { readChange, trigger } from './read-change.ts';

/** One page holds what changes between two polls of a busy project; more is read when there is more. */
const PAGE = 50;
const BASELINE_PAGE = 100; // what every Plane accepts
/** `updated_at` is stamped before the commit: a row may appear behind the watermark. */
type Page = Awaited<ReturnType<PlaneClient['listWorkItems']>>;
const OVERLAP_US = 120 * 1_000_000;
const FIELDS = ['sequence_id', 'name', 'state', 'priority', 'labels', 'created_at', 'updated_at', 'updated_by'];

/**
 * Reads what changed in a project since the last poll. When nothing did, this is exactly one request. What was seen
 * is remembered only after everything that follows from it is committed.
 *
 * @returns number of tickets triggered, or null when another poller has the project
 */
export async function pollProject(poll: Poll): Promise<number | null> {
  const cursor = await poll.polls.cursor(poll.projectId);
  return cursor === null ? readBaseline(poll) : readChanges(poll, cursor);
}

/** The first look: what exists is remembered, and a ticket only if the configuration asks for that (B-055). */
async function readBaseline(poll: Poll): Promise<number | null> {
  const { projectId, polls, core, log } = poll;
  const scan = poll.section?.initial_scan ?? poll.config.plane.initial_scan;
  const seen = new Map<string, Seen>();
  const planned: WorkItemRow[] = [];
  const startedUs = (await core.store.load('BASE-0')).now * 1_000; // Redis's clock, like every other time
  let [cursor, total, watermarkUs]: [string | null, number, number] = [null, 0, 0];
  do {
    if (!poll.token()) return null;
    const page: Page = await poll.plane.listWorkItems(projectId, {
      perPage: BASELINE_PAGE,
      cursor,
      fields: FIELDS,
      expand: ['state'],
    });
    for (const row of page.rows) {
      if (seen.has(row.id)) continue; // moved to the front while we read
      seen.set(row.id, toSeen(row));
      watermarkUs = Math.max(watermarkUs, row.updatedUs);
      if (isPlanned(row.state.group)) planned.push(row);
    }
    [cursor, total] = [page.nextCursor, page.totalCount];
  } while (cursor !== null);
  const wanted = scan === 'enqueue' && poll.triggers.new_tickets ? planned.toReversed() : [];
  let triggered = 0;
  for (const row of wanted) triggered += (await trigger(poll, row, 'new_ticket')) ? 1 : 0;
  const token = poll.token();
  if (!token || !(await polls.save(projectId, token, seen, { watermarkUs, total, baselineUs: startedUs }))) return null;
  log.info(
    { event: 'poll.baseline', project: poll.identifier, workItems: seen.size, scan },
    'project baseline recorded',
  );
  return triggered;
}

async function readChanges(poll: Poll, last: Cursor): Promise<number | null> {
  const { projectId, polls } = poll;
  const changed: { row: WorkItemRow; before: Seen | null }[] = [];
  const ids = new Set<string>();
  let [cursor, total, watermarkUs, newIds]: [string | null, number, number, number] = [
    null,
    last.total,
    last.watermarkUs,
    0,
  ];
  do {
    if (!poll.token()) return null;
    const page: Page = await poll.plane.listWorkItems(projectId, {
      perPage: PAGE,
      cursor,
      fields: FIELDS,
      expand: ['state'],
    });
    const before = await polls.seen(
      projectId,
      page.rows.map(({ id }) => id),
    );
    for (const [i, row] of page.rows.entries()) {
      watermarkUs = Math.max(watermarkUs, row.updatedUs);
      const known = before[i] ?? null;
      if (ids.has(row.id) || known?.updatedUs === row.updatedUs) continue;
      ids.add(row.id);
      if (!known) newIds += 1;
      changed.push({ row, before: known }); // different, not later: clocks and rollbacks exist
    }
    const oldest = page.rows.at(-1)?.updatedUs ?? 0;
    [cursor, total] = [oldest <= last.watermarkUs - OVERLAP_US ? null : page.nextCursor, page.totalCount];
  } while (cursor !== null);
  let triggered = 0;
  for (const { row, before } of changed.reverse()) {
    const read = await readChange(poll, last, row, before);
    triggered += read.triggered ? 1 : 0;
    const token = poll.token();
    if (!token || !(await polls.save(projectId, token, new Map([[row.id, toSeen(row)]])))) return null;
    // only now: a poll that dies before it has saved sees the change again, and must know once more whose it is
    if (read.isOwnState) await polls.forgetOwnState(row.id);
  }
  if (total < last.total + newIds) await findGone(poll);
  if (changed.length === 0 && total === last.total) return 0;
  const token = poll.token();
  if (!token || !(await polls.save(projectId, token, new Map(), { ...last, watermarkUs, total }))) return null;
  return triggered;
}

export const toSeen = ({ updatedUs, state }: WorkItemRow): Seen => ({
  updatedUs,
  stateId: state.id,
  stateName: state.name,
});

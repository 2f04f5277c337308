import { STATUSES } from '@pco/shared/domain';
import { expect, test } from 'vitest';
import { type PlaneSide, PROJECT, startPlaneSide } from './support/plane-side.ts';
import { createTeam, LABEL } from './support/team.ts';
import { until } from './support/until.ts';

// A team works in Plane while three pollers and two plane-writers look on with one API key: every ticket that must
// come of it comes exactly once, none is invented, and Plane's limit is never exceeded. The soak takes the full size.

const WINDOW_MS = Number(process.env.PCO_TEAM_WINDOW_MS ?? (process.env.PCO_TEAM_ITEMS ? 60_000 : 6_000));
const SCALE = {
  windowMs: WINDOW_MS,
  items: Number(process.env.PCO_TEAM_ITEMS ?? 300),
  /** In each of the two halves; the long form takes five minutes over each. */
  acts: process.env.PCO_TEAM_ITEMS ? 1_000 : 70,
  /** 200 a window in the long form; the short one is quicker. */
  actEveryMs: process.env.PCO_TEAM_ITEMS ? WINDOW_MS / 200 : 60,
};
const SECRET = 'plane_wh_0123456789abcdef0123456789abcdef';
const LIMIT = 60; // Plane's own: requests of one key in a window
const SEED = Number(process.env.PCO_TEAM_SEED ?? 20_261_121);

/** Acts at a steady rate for as long as there are any left. */
async function work(acts: number, everyMs: number, act: () => void): Promise<void> {
  for (let done = 0; done < acts; done += 1) {
    act();
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** Waits until two polls in a row have read a page of the list and nothing else of any work item. */
async function quiet({ emulator }: PlaneSide, timeoutMs: number): Promise<void> {
  const after = emulator.requests().at(-1)?.n ?? 0;
  await until(
    'polls find nothing new',
    () => {
      const paths = emulator.requests({ after, pathPattern: '/work-items/' }).map(({ path }) => path);
      const last = paths.slice(-2);
      return paths.length > 2 && last.every((path) => path.includes('/work-items/?'));
    },
    timeoutMs,
  );
}

async function ticketIds({ client, keys }: PlaneSide): Promise<string[]> {
  const ids = await Promise.all(STATUSES.map((status) => client.zrange(keys.status(status), '0', '-1')));
  return ids.flat().sort();
}

test('a busy team: every expected ticket exactly once, none invented, never more requests than Plane allows', async () => {
  let team: ReturnType<typeof createTeam> | undefined;
  await using side = await startPlaneSide({
    pollers: 3,
    writers: 2,
    plane: { poll_interval: 10, poll_interval_relaxed: 10, budget_window_seconds: SCALE.windowMs / 1_000 },
    config: { filters: { labels_any: [LABEL] }, webhooks: { secrets: [SECRET] } },
    settings: { rateLimit: { limit: LIMIT, windowMs: SCALE.windowMs }, webhookDropRate: 1, webhookJitterMs: 3_000 },
    prepare: (emulator) => {
      team = createTeam({ emulator, project: PROJECT, seed: SEED, existing: SCALE.items });
    },
  });
  if (!team) throw new Error('the team was not made');
  const { expected, act } = team;
  side.emulator.webhook({ url: `${side.api}/webhooks/plane`, secret: SECRET });
  await work(SCALE.acts, SCALE.actEveryMs, act); // every delivery is lost
  side.emulator.settings({ webhookDropRate: 0, webhookDuplicateRate: 0.5 });
  await work(SCALE.acts, SCALE.actEveryMs, act); // they come twice and overtake each other
  const missing = async () => {
    const there = new Set(await ticketIds(side));
    return [...expected].filter(([id]) => !there.has(id));
  };
  const all = () => missing().then(({ length }) => length === 0);
  await until('every expected ticket is there', all, 80 * SCALE.windowMs).catch(async () =>
    expect(await missing(), `of ${expected.size}`).toEqual([]),
  );
  await quiet(side, 10 * SCALE.windowMs);
  expect(await ticketIds(side)).toEqual([...expected.keys()].sort());
  for (const [id, why] of expected) {
    const seen = (await side.store.history(id)).filter(
      ({ event }) => (event as { type: string }).type === 'trigger.seen',
    );
    expect(seen, id).toHaveLength(1);
    expect(why, id).toContain((await side.store.load(id)).ticket?.trigger.type);
  }
  expect(side.emulator.busiestWindow(SCALE.windowMs)).toBeLessThanOrEqual(LIMIT);
  expect(side.emulator.countRequests({ status: 429 })).toBe(0);
}, 6_000_000);

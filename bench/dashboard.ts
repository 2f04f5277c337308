import { chromiumPath } from '../e2e/support/dashboard.ts';
import { measureFlood, measureScrolling } from './dashboard/frames.ts';
import { measureLive } from './dashboard/live.ts';
import { startPages } from './dashboard/pages.ts';
import { measureStart } from './dashboard/start.ts';
import type { Progress } from './support/progress.ts';
import type { Section } from './support/report.ts';

export interface DashboardOptions {
  readonly visits: number;
  readonly changes: number;
  readonly floodMb: number;
  readonly rounds: number;
  readonly progress: Progress;
}

/** What the page for people costs in a real browser, against the real stack and an empty React page. */
export async function measureDashboard(options: DashboardOptions): Promise<Section[]> {
  const { visits, changes, floodMb, rounds, progress } = options;
  if (!chromiumPath) {
    progress.say('dashboard: left out, there is no Chromium');
    return [];
  }
  await using pages = await startPages();
  const start = await measureStart(pages, visits, progress);
  progress.say(`dashboard: ${visits} starts`);
  const live = await measureLive(pages, changes, progress);
  progress.say(`dashboard: ${changes} changes`);
  const list = await measureScrolling(pages, rounds, progress);
  const terminal = await measureFlood(pages, { rounds, megabytes: floodMb }, progress);
  progress.say(`dashboard: ${rounds} floods of ${floodMb} MB`);
  return [start, live, terminal, list];
}

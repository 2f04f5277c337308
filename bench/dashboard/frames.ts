import type { Page } from 'playwright-core';
import {
  emptyPage,
  longestGap,
  longestTask,
  SCROLL_TO_THE_END,
  untilDrawn,
  watchFrames,
} from '../../e2e/support/frames.ts';
import { flood, PATIENT, prepareFlood } from '../../e2e/support/terminal-page.ts';
import type { Progress } from '../support/progress.ts';
import type { Figure, Section } from '../support/report.ts';
import { median } from '../support/stats.ts';
import { type Pages, TICKETS } from './pages.ts';
import { untilQuiet } from './quiet-browser.ts';

/** Longer without a picture is seen. */
const SEEN_MS = 100;
/** As tall as the list of all tickets. */
const TALL = `<div style="height: ${TICKETS * 60}px"></div>`;

/** Longest time without a frame, of each round. */
interface Gaps {
  readonly ours: number[];
  readonly empty: number[];
}

/** A terminal that is flooded, beside an empty page in the same browser over the same time. */
export async function measureFlood(
  { dashboard }: Pages,
  { rounds, megabytes }: { readonly rounds: number; readonly megabytes: number },
  progress: Progress,
): Promise<Section> {
  const id = await dashboard.newTicket('Prints very much');
  await dashboard.approve(id);
  await dashboard.stack.waitForStatus(id, 'active', 'waiting');
  await using opened = await dashboard.open('operator', `/terminals/${id}`);
  const { page } = opened;
  await page.locator('[data-terminal=live]').waitFor(PATIENT);
  await using empty = await emptyPage(page);
  await prepareFlood(page);
  await flood(page, 1, 'first'); // what is loaded and compiled with it is so once
  const gaps: Gaps = { ours: [], empty: [] };
  const tookMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await Promise.all([page, empty.page].map(watchFrames));
    const began = performance.now();
    await flood(page, megabytes, `${round + 1}.`);
    tookMs.push(performance.now() - began);
    gaps.ours.push(await longestGap(page));
    gaps.empty.push(await longestGap(empty.page));
    progress.tick(`dashboard: flood ${round + 1} of ${rounds}`);
  }
  return {
    title: 'Dashboard, terminal',
    about: [
      `${megabytes} MB of output of an agent in an open terminal: the longest time between two frames, and that of an empty page in the`,
      'same browser over the same time.',
    ],
    figures: [
      ...gapFigures(gaps),
      { name: `${megabytes} MB, until its end is shown`, value: median(tookMs) / 1_000, unit: 's' },
    ],
  };
}

/** The list of all tickets, scrolled from its begin to its end, and an empty page as tall, in turn. */
export async function measureScrolling(
  { dashboard, browser }: Pages,
  rounds: number,
  progress: Progress,
): Promise<Section> {
  const gaps: Gaps = { ours: [], empty: [] };
  const tasks: Gaps = { ours: [], empty: [] };
  const scroll = async (page: Page) => {
    await page.bringToFront(); // one that lies behind another draws when it pleases
    await watchFrames(page);
    return { task: await longestTask(page, SCROLL_TO_THE_END), gap: await longestGap(page) };
  };
  const scrollBoth = async () => {
    await using opened = await dashboard.open('operator', '/tickets');
    await opened.page.getByRole('main').getByRole('listitem').first().waitFor();
    await using beside = await emptyPage(opened.page);
    await beside.page.setContent(TALL);
    await untilQuiet(browser);
    const [empty, ours] = [await scroll(beside.page), await scroll(opened.page)];
    await opened.page.getByText('BENCH1-1', { exact: true }).first().waitFor();
    return { empty, ours };
  };
  for (let round = 0; round < rounds; round += 1) {
    const scrolled = await untilDrawn(scrollBoth, (why) => progress.say(`dashboard: ${why}; once more`));
    for (const kind of ['ours', 'empty'] as const) {
      gaps[kind].push(scrolled[kind].gap);
      tasks[kind].push(scrolled[kind].task);
    }
    progress.tick(`dashboard: scrolled ${round + 1} of ${rounds}`);
  }
  return {
    title: 'Dashboard, list',
    about: [
      `${TICKETS} tickets scrolled from the first to the last, two screens a frame, loaded as they come; baseline: an empty page as`,
      'tall, in turn.',
    ],
    figures: [
      ...gapFigures(gaps),
      {
        name: 'longest task, median',
        value: median(tasks.ours),
        unit: 'ms',
        target: { below: SEEN_MS },
        note: `processor time; the worst ${Math.max(...tasks.ours).toFixed(1)} ms`,
      },
      { name: 'longest task of the empty page, median', value: median(tasks.empty), unit: 'ms' },
    ],
  };
}

function gapFigures({ ours, empty }: Gaps): Figure[] {
  const beyond = ours.map((ms, round) => ms - (empty[round] ?? 0));
  return [
    {
      name: "longest gap beyond an empty page's, median",
      value: median(beyond),
      unit: 'ms',
      target: { below: SEEN_MS },
      note: `${ours.length} rounds, the worst ${Math.max(...beyond).toFixed(1)} ms: a gap that is ours comes every time`,
    },
    { name: 'longest gap, median', value: median(ours), unit: 'ms', ratio: median(ours) / median(empty) },
    { name: 'longest gap of the empty page, median', value: median(empty), unit: 'ms' },
  ];
}

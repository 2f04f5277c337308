import type { Progress } from '../support/progress.ts';
import type { Figure, Section } from '../support/report.ts';
import { quantile } from '../support/stats.ts';
import { measureInitialLoad } from './initial-load.ts';
import type { Pages } from './pages.ts';
import { type Cookies, openPlainPage } from './plain-page.ts';
import {
  BUTTON,
  FIRST_CARD,
  type Interaction,
  interactionProbe,
  timeToInteractive,
  timeToInteractiveAgain,
} from './time-to-interactive.ts';

const TIMES_AT_MOST = 2;
const WARM_VISITS = 2; // the browser keeps what it has compiled with the second one

interface Visits {
  readonly cold: number[];
  readonly warm: number[];
  readonly reloaded: number[];
}
const none = (): Visits => ({ cold: [], warm: [], reloaded: [] });

/** How long until one can use the page, beside a page with nothing in it, in turn. */
export async function measureStart(pages: Pages, samples: number, progress: Progress): Promise<Section> {
  const { browser, known, urls } = pages;
  const visit = async (to: Visits, url: string, interaction: Interaction, cookies: Cookies) => {
    await using page = await openPlainPage(browser, cookies);
    await page.addInitScript(interactionProbe(interaction));
    to.cold.push(await timeToInteractive(page, url));
    for (let visits = 1; visits < WARM_VISITS; visits += 1) await timeToInteractive(page, url);
    to.warm.push(await timeToInteractive(page, url));
    to.reloaded.push(await timeToInteractiveAgain(page));
  };
  const [ours, empty] = [none(), none()];
  await visit(none(), urls.ours, FIRST_CARD, known.storageState.cookies); // the servers have not run yet
  await visit(none(), urls.empty, BUTTON, []);
  for (let sample = 0; sample < samples; sample += 1) {
    await visit(empty, urls.empty, BUTTON, []);
    await visit(ours, urls.ours, FIRST_CARD, known.storageState.cookies);
    progress.tick(`dashboard: start ${sample + 1} of ${samples}`);
  }
  return {
    title: 'Dashboard, start',
    about: [
      'From the begin of the navigation until the first card of the inbox takes the focus on `j`, and no task over 50 ms follows;',
      'baseline: an empty React page, built and served alike, until its button has counted a press; in turn. Cold: a browser that',
      'was never here (logged in). Warm: its third visit. Both come from a blank page. Reloaded: in place, by the same process of',
      'the browser, which has the script compiled and the fonts at hand.',
    ],
    figures: [
      ...figures('cold', ours, empty, TIMES_AT_MOST),
      ...figures('warm', ours, empty, TIMES_AT_MOST),
      ...figures('reloaded', ours, empty),
      ...(await measureInitialLoad(pages)),
    ],
  };
}

function figures(kind: keyof Visits, ours: Visits, empty: Visits, atMost?: number): Figure[] {
  return [0.5, 0.95].flatMap((share): Figure[] => {
    const [value, base] = [quantile(ours[kind], share), quantile(empty[kind], share)];
    return [
      {
        name: `interactive, ${kind}, p${share * 100}`,
        value,
        unit: 'ms',
        ratio: value / base,
        ...(atMost === undefined ? {} : { target: { below: atMost * base } }),
        note: `${ours[kind].length} samples`,
      },
      { name: `empty page, ${kind}, p${share * 100}`, value: base, unit: 'ms' },
    ];
  });
}

import { readConfig } from '@pco/shared/config';
import type { TicketEventInput } from '@pco/shared/domain';
import { createApply, createDispatch, createPolicies } from '@pco/shared/engine';
import { createLogger } from '@pco/shared/log';
import type { Page } from 'playwright-core';
import type { Progress } from '../support/progress.ts';
import type { Figure, Section } from '../support/report.ts';
import { quantile } from '../support/stats.ts';
import { type Pages, STREAM } from './pages.ts';

const MS_AT_MOST = 200;
/** Changes come now and then: in a flood the page slows down on purpose. */
const APART_MS = 1_000;
const WARM_UP = 3;

/** From the commit of a change until a browser has painted it, and in turn from an entry of a stream until an empty page has. */
export async function measureLive(pages: Pages, samples: number, progress: Progress): Promise<Section> {
  const { browser, known, urls, dashboard } = pages;
  await using context = await browser.newContext(known);
  const page = await context.newPage();
  await page.goto(urls.ours);
  await page.locator('[data-card]').first().waitFor();
  // in a window of its own: one that lies behind another draws when it pleases
  await using other = await browser.newContext(known);
  const empty = await other.newPage();
  await empty.goto(`${urls.empty}#told`);
  await empty.locator('button').waitFor();
  const say = sayToTickets(pages);
  const ours: number[] = [];
  const bare: number[] = [];
  for (let sample = -WARM_UP; sample < samples; sample += 1) {
    const [id, words] = [`ACME-${100_000 + sample}`, `told ${sample}`];
    const bareMs = await untilPainted(empty, words, () => dashboard.stack.handle.client.xadd(STREAM, '*', 'd', words));
    const ourMs = await untilPainted(page, id, () => say(id, newTicket(pages, id)));
    await pause();
    await say(id, { type: 'person.cancelled', by: 'bench' });
    await page.locator(`[data-card="${id}"]`).waitFor({ state: 'detached' });
    await pause();
    if (sample < 0) continue;
    bare.push(bareMs);
    ours.push(ourMs);
    progress.tick(`dashboard: change ${sample + 1} of ${samples}`);
  }
  return report(ours, bare);
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, APART_MS));

/** From before the change is sent to Redis to after the frame in which its card is first drawn; both by the clock of this machine. */
async function untilPainted(page: Page, card: string, change: () => Promise<unknown>): Promise<number> {
  await page.evaluate(`window.painted = new Promise((done) => {
    const look = () => {
      if (!document.querySelector('[data-card="${card}"]')) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => done(Date.now())));
    };
    const observer = new MutationObserver(look);
    observer.observe(document.body, { childList: true, subtree: true, attributes: true });
  }); 0`);
  const from = Date.now();
  await change();
  return (await page.evaluate<number>('window.painted')) - from;
}

/** Commits as the services do. */
function sayToTickets({ dashboard }: Pages) {
  const { store, queues, configFile, dir } = dashboard.stack;
  const log = createLogger('bench', 'silent');
  const config = readConfig({ env: { PCO_CONFIG: configFile }, argv: [], cwd: dir });
  const dispatch = createDispatch({ store, queues, log });
  const apply = createApply({ store, dispatch, policyOf: createPolicies(config, 'bench'), log, graceMs: 2_000 });
  return async (ticketId: string, said: object) => {
    const head = { id: crypto.randomUUID(), ticketId, cid: crypto.randomUUID() };
    const { kind } = await apply({ ...said, ...head } as TicketEventInput); // each one below is complete with the head
    if (kind !== 'changed') throw new Error(`what was said of ${ticketId} was ${kind}`);
  };
}

/** Urgent: it comes before the other approvals. */
const newTicket = ({ dashboard }: Pages, id: string) => ({
  type: 'trigger.seen',
  workItem: {
    uuid: crypto.randomUUID(),
    projectId: dashboard.stack.project.id,
    project: dashboard.stack.project.identifier,
    title: `A change that is seen, ${id}`,
    priority: 'urgent',
    labels: [],
    stateId: 'todo',
  },
  trigger: { type: 'new_ticket' },
  description: '<p>Please do it.</p>',
});

function report(ours: readonly number[], bare: readonly number[]): Section {
  const shares = [0.5, 0.95] as const;
  return {
    title: 'Dashboard, live',
    about: [
      'From committing a new ticket to Redis until its card is painted in the open inbox, one at a time; baseline: from an entry',
      'in a stream of the same Redis over a bare Fastify route of server-sent events until an empty React page has painted it, in turn.',
    ],
    figures: shares.flatMap((share): Figure[] => {
      const [value, base] = [quantile(ours, share), quantile(bare, share)];
      const note = `${ours.length} samples`;
      return [
        {
          name: `commit → painted, p${share * 100}`,
          value,
          unit: 'ms',
          ratio: value / base,
          target: { below: MS_AT_MOST },
          note,
        },
        { name: `bare events → empty page, p${share * 100}`, value: base, unit: 'ms' },
      ];
    }),
  };
}

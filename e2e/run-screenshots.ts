import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { run, which } from '@pco/shared/run-program';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { chromiumPath, type Dashboard, startDashboard } from './support/dashboard.ts';
import { until } from './support/until.ts';

// `npm run screenshots`: every page of the dashboard in light, dark and on a phone, and a recording of a ticket that goes the
// whole way, into screenshots/, which git ignores. The stack is the real one, with an agent that only looks busy.

const FOLDER = resolve(import.meta.dirname, '../screenshots');
const AGENT = resolve(import.meta.dirname, 'support/show-agent.sh');
const FRAME_MS = 150;

const LOOKS: Readonly<Record<string, BrowserContextOptions>> = {
  light: { viewport: { width: 1280, height: 860 }, colorScheme: 'light' },
  dark: { viewport: { width: 1280, height: 860 }, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: 'light', hasTouch: true, isMobile: true },
};

interface Tickets {
  readonly asks: string;
  readonly works: string;
  readonly completed: string;
}

/** A day of a team: tickets in every state that a person meets. */
async function prepare({ stack, newTicket, approve }: Dashboard): Promise<Tickets> {
  const start = async (title: string, ...statuses: Parameters<typeof stack.waitForStatus>[1][]) => {
    const id = await newTicket(title, '<p>As reported by a customer. See the file attached.</p>');
    await approve(id);
    await stack.waitForStatus(id, ...statuses);
    return id;
  };
  const completed = await start('Invoices round half cents down', 'completed');
  const asks = await start('The build keeps failing on main', 'waiting');
  const works = await start('Settings: dark mode follows the system', 'active');
  await newTicket('Search finds nothing for words with umlauts', '<p>Searching for “Müller” finds nobody.</p>');
  await newTicket('Export: numbers as numbers, not as text', '<p>Excel shows a green corner in every cell.</p>');
  return { asks, works, completed };
}

const pagesOf = ({ asks, works, completed }: Tickets): Readonly<Record<string, string>> => ({
  inbox: '/',
  automation: '/automation',
  tickets: '/tickets',
  ticket: `/tickets/${completed}`,
  'ticket-diff': `/tickets/${completed}?tab=diff`,
  question: `/tickets/${asks}`,
  terminals: '/terminals',
  terminal: `/terminals/${works}`,
  fleet: '/fleet',
  setup: '/setup',
});

async function main(): Promise<void> {
  if (!chromiumPath) throw new Error('no Chromium can be had; install it, or name one in PCO_TEST_CHROMIUM');
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER);
  await using dashboard = await startDashboard({ config: { automation: { agent_command: [AGENT] } } });
  const pages = pagesOf(await prepare(dashboard));
  for (const [look, options] of Object.entries(LOOKS)) {
    for (const [name, path] of Object.entries(pages)) {
      await using opened = await dashboard.open('operator', path, options);
      await settle(opened.page);
      await opened.page.screenshot({ path: join(FOLDER, `${name}-${look}.png`) });
      process.stdout.write(`${name}-${look}.png\n`);
    }
  }
  await record(dashboard);
}

/** What is loaded when it is opened has come, and nothing is loading any more. */
async function settle(page: Page): Promise<void> {
  await page.waitForLoadState('load');
  await until(
    'nothing is loading',
    async () => (await page.getByText(/^(Loading|Checking|Connecting)…$/).count()) === 0,
  );
  await page.evaluate('document.fonts.ready.then(() => undefined)');
  if ((await page.locator('[data-terminal], [data-thumbnail]').count()) > 0)
    await until(
      'a terminal shows its agent',
      async () => /At work on/.test(await page.locator('main').innerText()),
      5_000,
    ).catch(
      () => undefined, // drawn by WebGL, it is no text
    );
}

/** A ticket appears, is approved, its agent is watched, and its summary goes to Plane; as frames, and as one picture that moves. */
async function record({ stack, newTicket, open }: Dashboard): Promise<void> {
  await using opened = await open('operator', '/', { viewport: { width: 1120, height: 700 }, colorScheme: 'dark' });
  const { page } = opened;
  const frames: Buffer[] = [];
  const ended = new AbortController();
  const filming = (async () => {
    while (!ended.signal.aborted) {
      frames.push(await page.screenshot());
      await page.waitForTimeout(FRAME_MS);
    }
  })();
  const id = await newTicket(
    'Round half cents up in credit notes',
    '<p>They are cut off, as they were in invoices.</p>',
  );
  const card = page.locator(`[data-card="${id}"]`);
  await card.scrollIntoViewIfNeeded();
  await card.getByRole('button', { name: 'Approve & start' }).click();
  await stack.waitForStatus(id, 'active', 'completed');
  await page.goto(`${stack.api}/dashboard/terminals/${id}`);
  await stack.waitForStatus(id, 'completed');
  await page.waitForTimeout(1_000);
  await page
    .getByRole('link', { name: /^Inbox/ })
    .first()
    .click();
  await card.scrollIntoViewIfNeeded();
  await page.waitForTimeout(1_500);
  await card.getByRole('button', { name: 'Approve & update Plane' }).click();
  await stack.waitForStatus(id, 'done');
  await page.waitForTimeout(1_000);
  ended.abort();
  await filming;
  const folder = join(FOLDER, 'loop');
  mkdirSync(folder);
  for (const [at, frame] of frames.entries()) writeFileSync(join(folder, `${String(at).padStart(4, '0')}.png`), frame);
  const made = await animate(folder);
  process.stdout.write(
    made ? 'loop.webp\n' : `loop/: ${frames.length} frames (ffmpeg would make one picture of them)\n`,
  );
}

async function animate(folder: string): Promise<boolean> {
  if (!which('ffmpeg')) return false;
  const input = ['-framerate', String(1_000 / (2 * FRAME_MS)), '-i', join(folder, '%04d.png')];
  const output = ['-vf', 'scale=960:-1:flags=lanczos', '-loop', '0', '-quality', '70', join(FOLDER, 'loop.webp')];
  return (await run('ffmpeg', ['-y', '-loglevel', 'error', ...input, ...output])).ok;
}

await main();

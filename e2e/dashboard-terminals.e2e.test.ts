import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, type Dashboard, type Opened, seriousFaults, startDashboard } from './support/dashboard.ts';
import { emptyPage, longestGap, watchFrames } from './support/frames.ts';
import { flood, PATIENT, prepareFlood, TERMINAL_AGENT, takeControl } from './support/terminal-page.ts';

const PHONE: BrowserContextOptions = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
/** The long form: PCO_TERMINAL_FLOOD_MB=20. Only there frames are timed: the short one runs beside other tests. */
const { PCO_TERMINAL_FLOOD_MB } = process.env;
const FLOOD_MB = Number(PCO_TERMINAL_FLOOD_MB ?? 2);
/** A gap that is ours comes every time; one that the machine makes does not. */
const FLOODS = 4;

describe.skipIf(!chromiumPath)('terminals in a browser', () => {
  let dashboard: Dashboard;
  /** A ticket whose agent listens; most tests share it. */
  let shared: string;
  beforeAll(async () => {
    dashboard = await startDashboard({ config: { automation: { agent_command: [TERMINAL_AGENT] } } });
    shared = await running('Watched by many');
  });
  afterAll(() => dashboard?.[Symbol.asyncDispose]());

  /** A ticket that was approved, and whose session runs. */
  async function running(name: string): Promise<string> {
    const id = await dashboard.newTicket(name);
    await dashboard.approve(id);
    await dashboard.stack.waitForStatus(id, 'active', 'waiting');
    return id;
  }
  async function openTerminal(id: string, who: 'operator' | 'viewer', options = {}): Promise<Opened> {
    const opened = await dashboard.open(who, `/terminals/${id}`, options);
    await opened.page.locator('[data-terminal=live]').waitFor(PATIENT);
    return opened;
  }

  test('who looks sees the agent and types nothing; who takes control types, and completes', async () => {
    const id = await dashboard.newTicket('Round half cents up');
    await using opened = await dashboard.open('operator');
    const { page, faults } = opened;
    await page.locator(`[data-card="${id}"]`).getByRole('button', { name: 'Approve & start' }).click();
    await page.getByRole('link', { name: 'Terminals' }).click();
    await page.locator(`[data-thumbnail="${id}"]`).getByRole('link').click();
    // the pictures stay until the page of one has been loaded
    await page
      .getByRole('region', { name: `Terminal of ${id}` })
      .locator('[data-terminal=live]')
      .waitFor(PATIENT);
    await expectShown(page, `The agent of ${id} listens.`);
    await page.locator('.xterm-screen').click();
    await page.keyboard.type('unheard');
    await page.getByText('You are only looking').waitFor();
    await takeControl(page);
    await page.keyboard.type('a word\n');
    await expectShown(page, 'heard: a word');
    expect(await shownText(page)).not.toContain('unheard');
    await page.keyboard.type('/complete Typed in the browser.\n');
    await dashboard.stack.waitForStatus(id, 'completed');
    await page.getByRole('link', { name: 'Inbox' }).click();
    await page.locator(`[data-card="${id}"]`).getByText('Typed in the browser.').first().waitFor(PATIENT);
    expect(faults).toEqual([]);
  });

  test('one takes control from another, who is told and only looks then; a viewer is offered nothing', async () => {
    await using one = await openTerminal(shared, 'operator');
    await using other = await openTerminal(shared, 'operator', { viewport: { width: 900, height: 600 } });
    await using viewer = await openTerminal(shared, 'viewer');
    await takeControl(one.page);
    const sizes = () =>
      Promise.all([one, other, viewer].map(({ page }) => page.getByText(/^\d+ × \d+$/).textContent()));
    await expect.poll(sizes, PATIENT).toSatisfy(areSame);
    const [larger] = await sizes();
    await takeControl(other.page);
    await one.page.getByText('Somebody else took control').waitFor(PATIENT);
    await expect.poll(sizes, PATIENT).toSatisfy((given: string[]) => areSame(given) && given[0] !== larger);
    await other.page.getByRole('button', { name: 'Release' }).click();
    await other.page.getByText('View only').waitFor(PATIENT);
    for (const name of ['Take control', 'Stop', 'Interrupt'])
      expect(await viewer.page.getByRole('button', { name }).count(), name).toBe(0);
  });

  test('text of many lines arrives as one paste', async () => {
    await using opened = await openTerminal(shared, 'operator');
    const { page } = opened;
    await takeControl(page);
    await page.keyboard.type('paste\n');
    await expectShown(page, 'waits for a paste');
    const box = page.getByLabel('Text to paste into the terminal');
    await box.fill('first line\nsecond line');
    await box.press('Control+Enter');
    await expectShown(page, String.raw`pasted $'\E[200~first line\nsecond line\E[201~\n'`);
    await expect.poll(() => box.inputValue(), PATIENT).toBe('');
  });

  test('on a phone there are keys to press, and one may change them', async () => {
    await using opened = await openTerminal(shared, 'operator', PHONE);
    const { page, faults } = opened;
    await takeControl(page);
    const keys = page.getByRole('toolbar', { name: 'Quick keys' });
    await page.keyboard.type('from a phone');
    await keys.getByRole('button', { name: 'Enter' }).tap();
    await expectShown(page, 'heard: from a phone');
    await keys.getByRole('button', { name: 'Change quick keys' }).tap();
    await page.getByLabel('Name').fill('Greet');
    await page.getByLabel('Keys', { exact: true }).fill(String.raw`hel\x6co\n`);
    await page.getByRole('button', { name: 'Add' }).tap();
    await page.getByRole('button', { name: 'Remove Ctrl-Z' }).tap();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Done' }).tap();
    await keys.getByRole('button', { name: 'Greet' }).tap();
    await expectShown(page, 'heard: hello');
    expect(await keys.getByRole('button', { name: 'Ctrl-Z' }).count()).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    expect(faults).toEqual([]);
  });

  test('nothing that a program prints reaches title, clipboard or page, or is answered', async () => {
    await using opened = await openTerminal(shared, 'operator');
    const { page, faults } = opened;
    await allowClipboard(page);
    await page.evaluate(() => navigator.clipboard.writeText('mine'));
    await takeControl(page);
    await page.keyboard.type('hostile\n');
    await expectShown(page, 'nothing happened');
    await page.keyboard.type('after it\n');
    await expectShown(page, 'heard: after it'); // an answer to the program would stand before it
    expect(await page.title()).toContain(`Terminal of ${shared}`);
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('mine');
    expect(await page.locator('.xterm img, .xterm a').count()).toBe(0);
    expect(faults).toEqual([]);
  });

  test('text is found in what was printed; Escape closes the search, and Shift+Escape leaves the terminal', async () => {
    await using opened = await openTerminal(shared, 'operator');
    const { page } = opened;
    await takeControl(page);
    await page.keyboard.type('needle\n');
    await expectShown(page, 'heard: needle');
    await page.keyboard.press('Control+f');
    await page.keyboard.type('heard: needle');
    await page.getByText('1 of 1').waitFor(PATIENT);
    await page.keyboard.press('Escape');
    await page.getByRole('search').waitFor({ state: 'detached' });
    await page.keyboard.press('Shift+Escape');
    const release = page.getByRole('button', { name: 'Release' });
    expect(await release.evaluate((button) => button === document.activeElement)).toBe(true);
  });

  test('nothing is missing and nothing comes twice when the api is killed and started while lines are printed', async () => {
    await using opened = await openTerminal(shared, 'operator');
    const { page } = opened;
    await takeControl(page);
    await page.keyboard.type('count 400\n');
    await expect.poll(() => shownText(page), PATIENT).toMatch(/line \d+ of 400/); // which one rushes by
    await dashboard.stack.services.api.kill();
    await page.locator('[data-terminal=reconnecting]').waitFor(PATIENT);
    dashboard.stack.services.api.start();
    await expectShown(page, 'line 400 of 400');
    expect(await numbersIn(page, /^line (\d+) of 400$/gm)).toEqual(Array.from({ length: 400 }, (_, at) => at + 1));
  });

  test('a flood does not freeze the page, and its end is all there', { timeout: 120_000 }, async () => {
    await using opened = await openTerminal(shared, 'operator');
    const { page } = opened;
    await using empty = await emptyPage(page);
    await prepareFlood(page);
    const beyond: number[] = [];
    const isSmooth = () => beyond.length > 0 && (!PCO_TERMINAL_FLOOD_MB || beyond.some((ms) => ms <= 100));
    for (let round = 0; round < FLOODS && !isSmooth(); round++) {
      await Promise.all([page, empty.page].map(watchFrames));
      await flood(page, FLOOD_MB, `${round + 1}.`);
      const [ours = 0, none = 0] = await Promise.all([page, empty.page].map(longestGap));
      beyond.push(ours - none);
      const numbers = await numbersIn(page, /^number (\d+) of a flood/gm);
      const last = FLOOD_MB * 14_493;
      expect(numbers.length).toBeGreaterThan(9_000);
      expect(numbers).toEqual(numbers.map((_, at) => last - numbers.length + 1 + at));
    }
    expect(isSmooth(), `gaps beyond an empty page's: ${beyond}`).toBe(true);
  });

  test('a terminal that is left while it connects, and cannot, is not connected later', async () => {
    await using opened = await dashboard.open('operator');
    const { page } = opened;
    await page.clock.install();
    const asked = Promise.withResolvers<void>();
    const letGo = Promise.withResolvers<void>();
    let tickets = 0;
    await page.route('**/terminal-tickets', async (route) => {
      tickets += 1;
      asked.resolve();
      await letGo.promise;
      await route.abort();
    });
    await page.getByRole('link', { name: 'Tickets' }).click();
    await page.getByText('Watched by many').first().click();
    await page.getByRole('tab', { name: 'Terminal' }).click();
    await asked.promise;
    await page.getByRole('link', { name: 'Inbox' }).click();
    await page.locator('[data-terminal]').waitFor({ state: 'detached' });
    const failed = page.waitForEvent('requestfailed');
    letGo.resolve();
    await failed;
    await page.clock.runFor(20_000); // longer than it would wait
    expect(tickets).toBe(1);
  });

  test('a graphics card draws where there is one, and the page when it fails', async () => {
    await using opened = await dashboard.open('operator');
    const { page, faults } = opened;
    await page.addInitScript(() => {
      const { getParameter } = WebGL2RenderingContext.prototype;
      // the machine of a test has none: one that is played says that it is real
      WebGL2RenderingContext.prototype.getParameter = function (name) {
        return name === 0x9246 ? 'A graphics card' : getParameter.call(this, name);
      };
    });
    await page.goto(`${dashboard.stack.api}/dashboard/terminals/${shared}`);
    await page.locator('.xterm-screen canvas').first().waitFor(PATIENT);
    expect(await page.locator('.xterm-rows').count()).toBe(0);
    await page.evaluate(() => {
      for (const canvas of document.querySelectorAll<HTMLCanvasElement>('.xterm-screen canvas'))
        canvas.getContext('webgl2')?.getExtension('WEBGL_lose_context')?.loseContext();
    });
    dashboard.stack.tmux('send-keys', '-t', `=claude-${shared}:`, 'drawn by the page', 'Enter');
    await expectShown(page, 'heard: drawn by the page');
    expect(faults).toEqual([]);
  });

  test('the wall shows all that runs, live; a picture leads to its terminal; two stand side by side', async () => {
    const other = await running('Export the ledger');
    await using opened = await dashboard.open('operator', '/terminals');
    const { page, faults } = opened;
    const thumbnail = (id: string) => page.locator(`[data-thumbnail="${id}"]`);
    for (const id of [shared, other]) {
      await thumbnail(id).locator('[data-terminal=live]').waitFor(PATIENT);
      dashboard.stack.tmux('send-keys', '-t', `=claude-${id}:`, `on the wall of ${id}`, 'Enter');
      await expect
        .poll(() => thumbnail(id).innerText(), PATIENT)
        .toMatch(new RegExp(`heard:\\son\\sthe\\swall\\sof\\s${id}`));
    }
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      expect(await seriousFaults(page), scheme).toEqual([]);
    }
    await page.getByRole('button', { name: '2', exact: true }).click();
    for (const id of [shared, other]) await page.locator(`[data-large="${id}"] [data-terminal=live]`).waitFor(PATIENT);
    await page.getByRole('button', { name: 'Wall' }).click();
    await thumbnail(other).getByRole('link').click();
    await page.getByRole('button', { name: 'Take control' }).waitFor(PATIENT);
    expect(page.url()).toMatch(new RegExp(`/terminals/${other}$`));
    expect(faults).toEqual([]);
  });

  test('a session is replayed while it runs and after it ended; its terminal tells the end', async () => {
    const id = await running('Replayed');
    await using opened = await openTerminal(id, 'operator');
    const { page, faults } = opened;
    await takeControl(page);
    await page.keyboard.type('the last word\n');
    await expectShown(page, 'heard: the last word');
    await page.getByRole('link', { name: 'Replay' }).click();
    await page.locator('[data-replay=live]').waitFor(PATIENT);
    await expectShown(page, 'heard: the last word');
    const scrubber = page.getByLabel('Position');
    await scrubber.focus();
    await page.keyboard.press('Space');
    await page.locator('[data-replay=paused]').waitFor(PATIENT);
    await page.keyboard.press('Home');
    await expect.poll(() => shownText(page), PATIENT).not.toContain('the last word');
    await page.keyboard.press('End');
    await expectShown(page, 'heard: the last word');
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      expect(await seriousFaults(page), scheme).toEqual([]);
    }
    await page.getByRole('link', { name: 'Live terminal' }).click();
    await page.locator('[data-terminal=live]').waitFor(PATIENT);
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
    await page.locator('[data-terminal=ended]').waitFor(PATIENT);
    await page.reload();
    await page.locator('[data-terminal=gone]').getByRole('link', { name: 'Replay' }).click(PATIENT);
    await page.getByLabel('Speed').selectOption('16');
    await page.locator('[data-replay=ended]').waitFor(PATIENT);
    await expectShown(page, 'heard: the last word');
    await page.getByRole('button', { name: 'Play' }).click();
    await page.locator('[data-replay=ended]').waitFor(PATIENT);
    expect(faults).toEqual([]);
  });
});

const areSame = (sizes: readonly (string | null)[]): boolean => new Set(sizes).size === 1;

const allowClipboard = (page: Page) => page.context().grantPermissions(['clipboard-read', 'clipboard-write']);

/** The numbers in all that the terminal holds, in order. */
async function numbersIn(page: Page, pattern: RegExp): Promise<number[]> {
  await allowClipboard(page);
  await page.getByRole('button', { name: 'Copy the selection, or everything' }).click();
  const all = await page.evaluate(() => navigator.clipboard.readText());
  await page.locator('.xterm-helper-textarea').focus();
  return [...all.matchAll(pattern)].map(([, number]) => Number(number));
}

/** What stands on the screen now, drawn by the page. */
const shownText = async (page: Page): Promise<string> =>
  (await page.locator('.xterm-rows').innerText()).replaceAll('\u00a0', ' ');
const expectShown = (page: Page, words: string) => expect.poll(() => shownText(page), PATIENT).toContain(words);

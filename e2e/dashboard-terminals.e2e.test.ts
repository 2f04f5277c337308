import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, type Dashboard, type Opened, startDashboard } from './support/dashboard.ts';

const PATIENT = { timeout: 30_000 };

describe.skipIf(!chromiumPath)('terminals in a browser', () => {
  let dashboard: Dashboard;
  /** A ticket whose agent listens; most tests share it. */
  let shared: string;
  beforeAll(async () => {
    const agent = resolve(import.meta.dirname, 'support/terminal-agent.sh');
    dashboard = await startDashboard({ config: { automation: { agent_command: [agent] } } });
    shared = await running('Watched by many');
  });
  afterAll(() => dashboard?.[Symbol.asyncDispose]());

  /** A ticket that was approved and whose session runs. */
  async function running(name: string): Promise<string> {
    const id = await dashboard.newTicket(name);
    await using opened = await dashboard.open('operator');
    await opened.page.locator(`[data-card="${id}"]`).getByRole('button', { name: 'Approve & start' }).click();
    await dashboard.stack.waitForStatus(id, 'active', 'waiting');
    return id;
  }
  const openTerminal = async (id: string, ...given: Parameters<Dashboard['open']> | []): Promise<Opened> => {
    const [who = 'operator', , options] = given;
    const opened = await dashboard.open(who, `/terminals/${id}`, options);
    await opened.page.locator('[data-terminal=live]').waitFor(PATIENT);
    return opened;
  };

  test('who looks sees the agent and types nothing; who takes control types, and completes', async () => {
    const id = await running('Round half cents up');
    await using opened = await openTerminal(id);
    const { page, faults } = opened;
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
    const summary = page.locator(`[data-card="${id}"]`).getByLabel('Summary that will be written to Plane');
    await expect.poll(() => summary.inputValue(), PATIENT).toBe('Typed in the browser.');
    expect(faults).toEqual([]);
  });

  test('nothing is missing and nothing comes twice when the api is killed and started while lines are printed', async () => {
    await using opened = await openTerminal(shared);
    const { page } = opened;
    await takeControl(page);
    await page.keyboard.type('count 400\n');
    await expectShown(page, 'line 20 of 400');
    await dashboard.stack.services.api.kill();
    await page.locator('[data-terminal=reconnecting]').waitFor();
    dashboard.stack.services.api.start();
    await expectShown(page, 'line 400 of 400');
    expect(await numbersIn(page, /^line (\d+) of 400$/gm)).toEqual(Array.from({ length: 400 }, (_, at) => at + 1));
  });
});

async function takeControl(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Take control' }).click();
  await page.getByText('You are in control').waitFor(PATIENT);
}

/** The numbers that everything from the beginning holds, in order. */
async function numbersIn(page: Page, pattern: RegExp): Promise<number[]> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy the selection, or everything' }).click();
  const all = await page.evaluate(() => navigator.clipboard.readText());
  return [...all.matchAll(pattern)].map(([, number]) => Number(number));
}

/** What stands on the screen now, drawn by the page. */
const shownText = (page: Page): Promise<string> => page.locator('.xterm-rows').innerText();
const expectShown = (page: Page, words: string) =>
  expect.poll(() => shownText(page).then((text) => text.replaceAll('\u00a0', ' ')), PATIENT).toContain(words);

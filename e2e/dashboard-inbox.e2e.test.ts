import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, type Dashboard, startDashboard } from './support/dashboard.ts';
import { until } from './support/until.ts';

/** The long form: PCO_TICKETS=10000. */
const MANY = Number(process.env.PCO_TICKETS ?? 300);
/** Beside those that wait for approval: summaries to approve and failures. */
const OTHERS = 20;
const PAGE = 50;
const FIRST = '/api/inbox';

describe.skipIf(!chromiumPath)('an inbox with more than anybody reads', () => {
  let dashboard: Dashboard;
  beforeAll(async () => {
    dashboard = await startDashboard();
    await dashboard.fill(MANY + 30, MANY);
  });
  afterAll(() => dashboard?.[Symbol.asyncDispose]());

  const card = (page: Page, id: string) => page.locator(`[data-card="${id}"]`);

  test('opens with one page, counts everything, and loads the rest as one scrolls', async () => {
    await using opened = await dashboard.open('operator');
    const { page, faults } = opened;
    const asked: string[] = [];
    page.on('request', (request) => {
      const { pathname, search } = new URL(request.url());
      if (pathname.startsWith('/api/')) asked.push(pathname + search);
    });
    await page.reload();
    await page.locator('[data-card]').first().waitFor();
    await page.getByRole('heading', { name: new RegExp(`^Awaits approval ?${MANY}$`) }).waitFor();
    expect(await page.title()).toBe(`(${MANY + OTHERS}) Inbox`);
    expect(await page.getByRole('link', { name: `Inbox ${MANY + OTHERS}` }).count()).toBe(1);
    expect(await page.getByRole('link', { name: `Plane ${MANY}` }).count()).toBe(1);
    expect(asked.filter((path) => /pending|completed|failed/.test(path))).toEqual([]);
    expect(new Set(asked.filter((path) => path.startsWith('/api/inbox')))).toEqual(new Set([FIRST]));
    const answer = await fetch(dashboard.stack.api + FIRST, { headers: dashboard.as('viewer') });
    expect((await answer.text()).length).toBeLessThan(PAGE * 4_000);
    await until('the last of all is in the page', async () => {
      await page.evaluate('window.scrollTo(0, document.documentElement.scrollHeight)');
      return (await card(page, 'BENCH5-5').count()) > 0; // among equals who waited longest comes first
    });
    expect(await page.locator('[data-card]').count()).toBeLessThan(120);
    expect(faults).toEqual([]);
  });

  test('words are looked for in all of them, and a new ticket is counted at once', async () => {
    await using opened = await dashboard.open('operator');
    const { page } = opened;
    await page.locator('[data-card]').first().waitFor();
    const id = await dashboard.newTicket('Needle in the haystack');
    await expect.poll(() => page.title()).toBe(`(${MANY + OTHERS + 1}) Inbox`);
    await page.keyboard.press('/');
    await page.keyboard.type('needle hay');
    await card(page, id).waitFor();
    await expect.poll(() => page.locator('[data-card]').count()).toBe(1);
    await card(page, id).getByRole('button', { name: 'Approve & start' }).click();
    await page.getByText('No card has these words').waitFor();
  });
});

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, type Dashboard, startDashboard } from './support/dashboard.ts';

// Pages that others have written, under our policy: nothing that they need may be refused or come from elsewhere.
describe.skipIf(!chromiumPath)('pages of others in a browser', () => {
  let dashboard: Dashboard;
  beforeAll(async () => {
    dashboard = await startDashboard();
  });
  afterAll(async () => {
    await dashboard?.[Symbol.asyncDispose]();
  });

  /** What is asked of other hosts. */
  function strangers(page: Page): string[] {
    const asked: string[] = [];
    page.on('request', (request) => {
      const { protocol, origin, href } = new URL(request.url());
      if (protocol.startsWith('http') && origin !== new URL(dashboard.stack.api).origin) asked.push(href);
    });
    return asked;
  }

  test('/docs shows every operation, and tries one as whoever is logged in', async () => {
    await using opened = await dashboard.open('admin');
    const { page, faults } = opened;
    const asked = strangers(page);
    await page.goto(`${dashboard.stack.api}/docs/`);
    const document = await (await page.request.get(`${dashboard.stack.api}/openapi.json`)).json();
    const operations = Object.values(Object(document.paths)).flatMap((path) => Object.keys(Object(path)));
    await expect.poll(() => page.locator('.opblock').count(), { timeout: 20_000 }).toBe(operations.length);
    const me = page.locator('.opblock', { has: page.locator('[data-path="/api/me"]') });
    await me.locator('.opblock-summary-control').click();
    await me.getByRole('button', { name: 'Try it out' }).click();
    await me.getByRole('button', { name: 'Execute' }).click();
    await me.locator('.live-responses-table .response-col_status', { hasText: '200' }).waitFor();
    expect(await me.locator('.live-responses-table').textContent()).toContain('"via": "cookie"');
    expect(faults).toEqual([]);
    expect(asked).toEqual([]);
  });

  test.each([
    ['admin', 1],
    ['operator', 0],
  ] as const)('the queue board shows queues and jobs to an %s, with %i menus of actions', async (who, menus) => {
    const id = await dashboard.newTicket(`Shown on the board to an ${who}`);
    await using opened = await dashboard.open(who);
    const { page, faults } = opened;
    const asked = strangers(page);
    await page.goto(`${dashboard.stack.api}/admin/queues`);
    await page.getByRole('link', { name: 'plane-write' }).first().waitFor();
    await page.goto(`${dashboard.stack.api}/admin/queues/queue/notify`);
    await page.getByRole('link', { name: new RegExp(`^${id}-`) }).waitFor();
    const menu = page.locator('main button[aria-haspopup="menu"]');
    expect(await menu.count()).toBe(menus);
    if (menus > 0) {
      await menu.click();
      await page.getByRole('menuitem', { name: /pause/i }).first().waitFor();
    }
    expect(faults).toEqual([]);
    expect(asked).toEqual([]);
  });
});

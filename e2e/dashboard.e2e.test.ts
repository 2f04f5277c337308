import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, type Dashboard, seriousFaults, startDashboard } from './support/dashboard.ts';

describe.skipIf(!chromiumPath)('the dashboard in a browser', () => {
  let dashboard: Dashboard;
  beforeAll(async () => {
    dashboard = await startDashboard();
  });
  afterAll(() => dashboard?.[Symbol.asyncDispose]());

  const card = (page: Page, id: string) => page.locator(`[data-card="${id}"]`);

  test('a ticket appears by itself, is approved, its summary edited and approved, and the comment is in Plane', async () => {
    await using opened = await dashboard.open('operator');
    const { page, faults } = opened;
    const id = await dashboard.newTicket('Round half cents up');
    await card(page, id).getByRole('button', { name: 'Approve & start' }).click();
    const summary = card(page, id).getByLabel('Summary that will be written to Plane');
    await expect.poll(() => summary.inputValue(), { timeout: 30_000 }).toBe(`Worked on ${id}.`);
    await summary.fill('Half cents are rounded up.');
    await card(page, id).getByRole('button', { name: 'Approve & update Plane' }).click();
    await dashboard.stack.waitForStatus(id, 'done');
    await card(page, id).waitFor({ state: 'detached' });
    expect(dashboard.stack.emulator.item(id).comments.map(({ html }) => html)).toEqual([
      expect.stringContaining('<p>Half cents are rounded up.</p>'),
    ]);
    expect(faults).toEqual([]);
  });

  test('two browsers approve at once: one session', async () => {
    await using one = await dashboard.open('operator');
    await using other = await dashboard.open('operator');
    const id = await dashboard.newTicket('Both want this');
    const buttons = [one, other].map(({ page }) => card(page, id).getByRole('button', { name: 'Approve & start' }));
    await Promise.all(buttons.map((button) => button.waitFor()));
    await Promise.all(buttons.map((button) => button.evaluate((element: HTMLElement) => element.click())));
    await dashboard.stack.waitForStatus(id, 'completed');
    expect(dashboard.stack.starts(id)).toEqual([`claude-${id}`]);
  });

  test('a viewer sees the ticket and no button that decides', async () => {
    const id = await dashboard.newTicket('Only to look at');
    await using opened = await dashboard.open('viewer');
    await card(opened.page, id).waitFor();
    expect(await opened.page.locator('[data-card] button').count()).toBe(0);
  });

  test('by keyboard alone: j goes to a card, r asks before it skips', async () => {
    await using opened = await dashboard.open('operator');
    const { page } = opened;
    const id = await dashboard.newTicket('Not wanted');
    await card(page, id).waitFor();
    await expect
      .poll(async () => {
        await page.keyboard.press('j');
        return card(page, id).evaluate((element) => element === document.activeElement);
      })
      .toBe(true);
    await page.keyboard.press('r');
    await page.getByRole('dialog', { name: `Skip ${id}?` }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await dashboard.stack.waitForStatus(id, 'cancelled');
  });

  test('hostile texts stay text, on a phone too, and no accessibility fault is serious in light and dark', async () => {
    const id = await dashboard.newTicket(
      `<img src=x onerror=alert(1)>\u202e${'x'.repeat(200)}`,
      '<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>',
    );
    await using opened = await dashboard.open('operator', '/', { viewport: { width: 360, height: 740 } });
    const { page, faults } = opened;
    await card(page, id).waitFor();
    expect(await card(page, id).locator('img, script').count()).toBe(0);
    expect(await card(page, id).textContent()).toContain('<script>alert(1)</script>');
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      expect(await seriousFaults(page), scheme).toEqual([]);
    }
    if (process.env.PCO_SCREENSHOTS) await picture(page, id);
    expect(faults).toEqual([]);
  });

  test('the page says when the api is away, and goes on by itself when it is back', async () => {
    await using opened = await dashboard.open('operator');
    const { page } = opened;
    await dashboard.stack.services.api.kill();
    await page.getByText('No live connection').waitFor();
    dashboard.stack.services.api.start();
    await page.getByText('No live connection').waitFor({ state: 'detached', timeout: 30_000 });
    const id = await dashboard.newTicket('After the outage');
    await card(page, id).waitFor();
  });

  test('the page is asked for anew each time, its parts are kept, and inline scripts are forbidden', async () => {
    const page = await fetch(`${dashboard.stack.api}/dashboard/`);
    expect(page.headers.get('cache-control')).toBe('no-cache');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    const html = await page.text();
    expect(html).not.toMatch(/<script(?![^>]* src=)/);
    const [, script = ''] = /src="([^"]+\.js)"/.exec(html) ?? [];
    const asset = await fetch(`${dashboard.stack.api}${script}`);
    expect(asset.headers.get('cache-control')).toContain('immutable');
    expect(gzipSync(await asset.bytes()).length).toBeLessThan(250_000);
  });
});

/** To look at: where PCO_SCREENSHOTS says. */
async function picture(page: Page, id: string): Promise<void> {
  const folder = process.env.PCO_SCREENSHOTS;
  await page.emulateMedia({ colorScheme: 'light' });
  await page.screenshot({ path: `${folder}/phone-${id}.png` });
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.screenshot({ path: `${folder}/light-${id}.png` });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.screenshot({ path: `${folder}/dark-${id}.png` });
}

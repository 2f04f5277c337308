import type { Page, Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, type Dashboard, seriousFaults, startDashboard } from './support/dashboard.ts';

describe.skipIf(!chromiumPath)('the view of the flow of Plane', () => {
  let dashboard: Dashboard;
  beforeAll(async () => {
    dashboard = await startDashboard();
  });
  afterAll(() => dashboard?.[Symbol.asyncDispose]());

  const card = (page: Page, id: string) => page.locator(`[data-ticket="${id}"]`);
  const button = (page: Page, id: string, name: string) => card(page, id).getByRole('button', { name, exact: true });
  /** What a page sends that is no question, in order. */
  function decisionsOf(page: Page): string[] {
    const sent: string[] = [];
    page.on('request', (request: Request) => {
      const { pathname } = new URL(request.url());
      const asks = request.method() === 'GET' || /preview$|terminal-tickets$/.test(pathname);
      if (!asks) sent.push(`${request.method()} ${pathname}`);
    });
    return sent;
  }

  test('one click approves and opens the terminal; one more writes the summary to Plane: one request each', async () => {
    await using opened = await dashboard.open('operator', '/automation');
    const { page, faults } = opened;
    const id = await dashboard.newTicket('Start me');
    await button(page, id, 'Approve & Start Claude').waitFor();
    await card(page, id).getByText('🆕').waitFor();
    await page.getByText('1 pending', { exact: true }).waitFor();
    expect(
      await page
        .getByRole('navigation')
        .getByRole('link', { name: /^Plane/ })
        .first()
        .textContent(),
    ).toBe('Plane1');
    const sent = decisionsOf(page);
    await button(page, id, 'Approve & Start Claude').dblclick();
    await page.waitForURL(`**/dashboard/terminals/${id}`);
    expect(sent).toEqual([`POST /api/approve/${id}`]);
    await dashboard.stack.waitForStatus(id, 'completed');

    await page.goBack();
    await page.getByText('1 completed', { exact: true }).waitFor();
    sent.length = 0;
    await button(page, id, 'Edit Summary').click();
    await card(page, id).getByRole('textbox').fill(' \n');
    expect(await button(page, id, 'Save & Update Plane').isDisabled()).toBe(true);
    await button(page, id, 'Cancel').click();
    await button(page, id, 'Approve & Update Plane').dblclick();
    await card(page, id).waitFor({ state: 'detached' });
    await dashboard.stack.waitForStatus(id, 'done');
    expect(sent).toEqual([`POST /api/update-plane/${id}`]);
    expect(dashboard.stack.emulator.item(id).comments).toHaveLength(1);
    expect(faults).toEqual([]);
  });

  test('skip asks first, whatever it is about, and is then one request', async () => {
    await using opened = await dashboard.open('operator', '/automation');
    const { page } = opened;
    const id = await dashboard.newTicket('Not wanted');
    const sent = decisionsOf(page);
    await button(page, id, 'Skip').click();
    const dialog = page.getByRole('dialog', { name: `Skip ${id}?` });
    await dialog.getByText('cannot be undone').waitFor();
    await dialog.getByRole('button', { name: 'Keep it' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(sent).toEqual([]);
    await button(page, id, 'Skip').click();
    await dialog.getByRole('button', { name: 'Skip' }).click();
    await card(page, id).waitFor({ state: 'detached' });
    await dashboard.stack.waitForStatus(id, 'cancelled');
    expect(sent).toEqual([`DELETE /api/tickets/${id}`]);
  });

  test('a viewer has no button; nothing is serious in light, dark and on a phone', async () => {
    const id = await dashboard.newTicket('<b>Bold</b>', '<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>');
    await using opened = await dashboard.open('viewer', '/automation', { viewport: { width: 360, height: 740 } });
    const { page, faults } = opened;
    await card(page, id).getByText('<script>alert(1)</script>').waitFor();
    expect(await page.getByRole('main').getByRole('button').count()).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await seriousFaults(page), colorScheme).toEqual([]);
    }
    expect(faults).toEqual([]);
  });

  test('an api that is away is a red mark and a hint instead of lists', async () => {
    await using opened = await dashboard.open('viewer', '/automation');
    const { page } = opened;
    const id = await dashboard.newTicket('Before the outage');
    await card(page, id).waitFor();
    await dashboard.stack.services.api.kill();
    await page.getByRole('heading', { name: 'The service is offline' }).waitFor();
    await page.getByRole('main').getByText('Offline', { exact: true }).waitFor();
    expect(await card(page, id).count()).toBe(0);
    dashboard.stack.services.api.start();
    await card(page, id).waitFor();
  });
});

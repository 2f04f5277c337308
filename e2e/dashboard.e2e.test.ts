import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

  test('a ticket appears by itself, is approved, its summary edited and approved, and what was shown is in Plane', async () => {
    await using opened = await dashboard.open('operator');
    const { page, faults } = opened;
    const id = await dashboard.newTicket('Round half cents up');
    await card(page, id).getByRole('button', { name: 'Approve & start' }).click();
    const comment = card(page, id).locator('[data-comment]');
    await expect.poll(() => comment.textContent(), { timeout: 30_000 }).toContain(`Worked on ${id}.`);
    await card(page, id).getByText('1 commit', { exact: true }).waitFor();
    await card(page, id).getByText('1 not pushed').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('e');
    const summary = card(page, id).getByLabel('Summary that will be written to Plane');
    const save = card(page, id).getByRole('button', { name: 'Save & update Plane' });
    await summary.fill(' ');
    expect(await save.isDisabled()).toBe(true);
    await summary.fill('Half cents are rounded **up**.');
    await expect.poll(() => comment.textContent()).toContain('Half cents are rounded');
    const shown = await comment.textContent();
    const state = await card(page, id)
      .getByText(/^State: /)
      .textContent();
    await save.click();
    await dashboard.stack.waitForStatus(id, 'done');
    await card(page, id).waitFor({ state: 'detached' });
    const item = dashboard.stack.emulator.item(id);
    expect(item.comments).toHaveLength(1);
    expect(inWords(item.comments[0]?.html)).toBe(inWords(shown));
    expect(state).toMatch(new RegExp(`${item.state} *$`));
    expect(faults).toEqual([]);
  });

  test('a card is gone at the press, and comes back with the reason where nobody took the decision', async () => {
    await using opened = await dashboard.open('operator');
    const { page } = opened;
    const id = await dashboard.newTicket('Pressed at a bad time');
    const approve = card(page, id).getByRole('button', { name: 'Approve & start' });
    await approve.waitFor();
    const asked = Promise.withResolvers<void>();
    const letGo = Promise.withResolvers<void>();
    await page.route('**/api/approve/*', async (route) => {
      asked.resolve();
      await letGo.promise;
      await route.abort();
    });
    await approve.click();
    await asked.promise;
    await card(page, id).waitFor({ state: 'detached' });
    letGo.resolve();
    await card(page, id).getByRole('alert').getByText('The service cannot be reached.').waitFor();
    await page.unroute('**/api/approve/*');
    await approve.click();
    await dashboard.stack.waitForStatus(id, 'completed');
  });

  test('a skip can be taken back; what is not taken back is sent, at the latest when the page is left', async () => {
    await using opened = await dashboard.open('operator');
    const { page } = opened;
    const id = await dashboard.newTicket('Not wanted');
    await card(page, id).getByRole('button', { name: 'Skip' }).click();
    await card(page, id).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await card(page, id).waitFor();
    expect((await dashboard.stack.store.load(id)).ticket?.status).toBe('pending');
    await card(page, id).getByRole('button', { name: 'Skip' }).click();
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    await page.goto('about:blank');
    await dashboard.stack.waitForStatus(id, 'cancelled');
  });

  test('a summary goes back to the agent with what is to be better', async () => {
    await using opened = await dashboard.open('operator');
    const { page } = opened;
    const id = await dashboard.newTicket('Nearly right');
    await card(page, id).getByRole('button', { name: 'Approve & start' }).click();
    await card(page, id).getByRole('button', { name: 'Send back' }).click({ timeout: 30_000 });
    await page.getByLabel('What is to be better').fill('Round towards zero.');
    await page.getByRole('dialog').getByRole('button', { name: 'Send back' }).click();
    await card(page, id).waitFor({ state: 'detached' });
    await expect.poll(() => dashboard.stack.starts(id).length, { timeout: 30_000 }).toBe(2);
    const [, session] = dashboard.stack.starts(id);
    const prompt = join(dashboard.stack.dir, 'data/sessions', String(session), 'prompt-received');
    await expect.poll(() => existsSync(prompt) && readFileSync(prompt, 'utf8')).toContain('Round towards zero.');
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

  test('by keyboard alone: ? tells the keys, / filters, j goes to a card, r skips and u takes it back', async () => {
    await using opened = await dashboard.open('operator');
    const { page } = opened;
    const id = await dashboard.newTicket('Not wanted either');
    await card(page, id).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.type(`wanted ${id}`);
    await expect.poll(() => page.locator('[data-card]').count()).toBe(1);
    await page.keyboard.press('Tab');
    await page.keyboard.press('j');
    expect(await card(page, id).evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('r');
    await card(page, id).waitFor({ state: 'detached' });
    await page.keyboard.press('u');
    await card(page, id).waitFor();
  });

  test('when the card in focus is gone the next one gets the focus, also after a dialog', async () => {
    await using opened = await dashboard.open('operator');
    const { page } = opened;
    const word = `Follows${Date.now()}`;
    const ids: string[] = [];
    for (const title of ['first', 'second', 'third']) ids.push(await dashboard.newTicket(`${word} ${title}`));
    for (const id of ids) await dashboard.approve(id);
    for (const id of ids) await dashboard.stack.waitForStatus(id, 'completed');
    await page.getByRole('searchbox').fill(word);
    const shown = () =>
      page.locator('[data-card]').evaluateAll((cards) => cards.map((one) => one.getAttribute('data-card')));
    await expect.poll(async () => (await shown()).length).toBe(3);
    const [one = '', two = '', three = ''] = (await shown()).map(String);
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-card'));
    await page.getByRole('searchbox').press('Tab'); // to the first card
    await expect.poll(focused).toBe(one);
    await page.keyboard.press('a');
    await card(page, one).waitFor({ state: 'detached' });
    await expect.poll(focused).toBe(two);
    await page.keyboard.press('r');
    await page.getByLabel('What is to be better').fill('Once more.');
    await page.getByRole('dialog').getByRole('button', { name: 'Send back' }).press('Enter');
    await card(page, two).waitFor({ state: 'detached' });
    await expect.poll(focused).toBe(three);
  });

  test('the window says how many wait, in its title and its icon', async () => {
    await using opened = await dashboard.open('viewer');
    const { page } = opened;
    const id = await dashboard.newTicket('One more');
    await card(page, id).waitFor();
    // together, because tickets of other tests come and go
    const said = async () => {
      const count = await page.locator('[data-card]').count();
      const icon = decodeURIComponent((await page.locator('link[rel=icon]').getAttribute('href')) ?? '');
      return { title: (await page.title()) === `(${count}) Inbox`, icon: icon.includes(`>${count}</text>`) };
    };
    await expect.poll(said, { timeout: 20_000 }).toEqual({ title: true, icon: true });
  });

  test('a colour scheme that was chosen is there with the first picture of the next visit', async () => {
    await using opened = await dashboard.open('operator');
    const { page } = opened;
    await page.emulateMedia({ colorScheme: 'light' });
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await ground();
    await page.getByRole('button', { name: /^Account/ }).click();
    await page.getByRole('menuitemradio', { name: 'Dark' }).click();
    await expect.poll(ground).not.toBe(light);
    const dark = await ground();
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await ground()).toBe(dark);
  });

  test('who asked for it is notified of what is new while the page is hidden', async () => {
    await using opened = await dashboard.open('operator', '/', { permissions: ['notifications'] });
    const { page } = opened;
    await page.getByRole('button', { name: 'Notify me' }).click();
    await page.getByRole('button', { name: 'Notifying' }).waitFor();
    await page.evaluate(() => {
      const told: string[] = [];
      const Real = window.Notification;
      Object.assign(window, { told });
      window.Notification = class extends Real {
        constructor(title: string, options?: NotificationOptions) {
          super(title, options);
          told.push(title);
        }
      };
      Object.defineProperty(document, 'hidden', { value: true });
    });
    const id = await dashboard.newTicket('While nobody looks');
    await expect.poll(() => page.evaluate('window.told')).toEqual([`${id}: Awaits approval`]);
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

  test('a browser that was let in is sent its first answers with the page, and asks for each once; of others they are not asked', async () => {
    await using opened = await dashboard.open('operator');
    const { page } = opened;
    const id = await dashboard.newTicket('On the first picture');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    const [answer] = await Promise.all([page.waitForResponse(/\/dashboard\/$/), page.reload()]);
    await card(page, id).waitFor();
    expect(await answer.headerValue('link')).toContain('</api/inbox>; rel=preload');
    expect(asked.filter((path) => path === '/api/me')).toHaveLength(1);
    const script = asked.findIndex((path) => path.includes('/assets/start-'));
    expect(asked.indexOf('/api/me')).toBeLessThan(script);
    expect(asked.indexOf('/api/inbox')).toBeLessThan(script);
    const firstOfInbox = await page.evaluate<string | undefined>(
      `performance.getEntriesByType('resource').find(({ name }) => name.endsWith('/api/inbox'))?.initiatorType`,
    );
    expect(firstOfInbox).toBe('link'); // and the page's own request has used it, or there were another one of `me`
    expect((await fetch(`${dashboard.stack.api}/dashboard/`)).headers.get('link')).toBeNull();
  });

  test('the page is asked for anew each time, its parts are kept and compressed, and inline scripts are forbidden', async () => {
    const page = await fetch(`${dashboard.stack.api}/dashboard/`);
    expect(page.headers.get('cache-control')).toBe('no-cache');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    const html = await page.text();
    expect(html).not.toMatch(/<script(?![^>]* src=)/);
    let bytes = 0; // of everything that is loaded with the page
    for (const [, script] of html.matchAll(/(?:src|href)="([^"]+\.js)"/g)) {
      const asset = await fetch(`${dashboard.stack.api}${script}`, { headers: { 'accept-encoding': 'gzip' } });
      expect(asset.headers.get('cache-control')).toContain('immutable');
      bytes += Number(asset.headers.get('content-length'));
    }
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(250_000);
  });
});

/** Of HTML and of what it reads like, the words alone. */
const inWords = (given: string | null | undefined): string =>
  (given ?? '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/[*`_-]|\s+/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();

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

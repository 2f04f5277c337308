import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildDashboard } from '../apps/launcher/src/dashboard.ts';
import { createTerminal } from '../apps/launcher/src/terminal.ts';
import { findChromium } from './support/find-chromium.ts';
import { type Stack, startStack } from './support/stack.ts';

const TOKENS = { operator: 'a-token-of-an-operator', viewer: 'a-token-of-a-viewer-here' } as const;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const hash = (token: string) => createHash('sha256').update(token).digest('hex');
const chromiumPath = findChromium();
if (!chromiumPath) process.stdout.write('no Chromium can be had: the tests of the dashboard are skipped\n');

describe.skipIf(!chromiumPath)('the dashboard in a browser', () => {
  let stack: Stack;
  let browser: Browser;

  beforeAll(async () => {
    await buildDashboard(createTerminal(process, true));
    const tokens = {
      mei: { role: 'operator', hash: hash(TOKENS.operator) },
      grafana: { role: 'viewer', hash: hash(TOKENS.viewer) },
    };
    stack = await startStack({ config: { api: { tokens } } });
    browser = await chromium.launch({ executablePath: chromiumPath ?? '' });
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.[Symbol.asyncDispose]();
  });

  /** Alice plans a work item, the poller finds it. */
  async function newTicket(name: string, description = '<p>Please do it.</p>'): Promise<string> {
    const { key } = stack.emulator.createItem({ project: 'ACME', name, description_html: description, state: 'Todo' });
    await stack.poll();
    await stack.waitForStatus(key, 'pending');
    return key;
  }

  interface Opened extends AsyncDisposable {
    readonly page: Page;
    /** What the browser complained of. */
    readonly faults: readonly string[];
  }

  async function open(role: keyof typeof TOKENS, options: Parameters<Browser['newContext']>[0] = {}): Promise<Opened> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('console', (message) => {
      // whoever is not logged in is to be refused
      if (message.type() === 'error' && !message.text().includes('401')) faults.push(message.text());
    });
    page.on('pageerror', (err) => faults.push(String(err)));
    await page.goto(`${stack.api}/dashboard/`);
    await page.getByLabel('Access token').fill(TOKENS[role]);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText(/^(Online|Degraded)/).waitFor();
    return { page, faults, [Symbol.asyncDispose]: () => context.close() };
  }

  const card = (page: Page, id: string) => page.locator(`[data-card="${id}"]`);

  test('a ticket appears by itself, is approved, its summary edited and approved, and the comment is in Plane', async () => {
    await using opened = await open('operator');
    const { page, faults } = opened;
    const id = await newTicket('Round half cents up');
    await card(page, id).getByRole('button', { name: 'Approve & start' }).click();
    const summary = card(page, id).getByLabel('Summary that will be written to Plane');
    await expect.poll(() => summary.inputValue(), { timeout: 30_000 }).toBe(`Worked on ${id}.`);
    await summary.fill('Half cents are rounded up.');
    await card(page, id).getByRole('button', { name: 'Approve & update Plane' }).click();
    await stack.waitForStatus(id, 'done');
    await card(page, id).waitFor({ state: 'detached' });
    expect(stack.emulator.item(id).comments.map(({ html }) => html)).toEqual([
      expect.stringContaining('<p>Half cents are rounded up.</p>'),
    ]);
    expect(faults).toEqual([]);
  });

  test('two browsers approve at once: one session', async () => {
    await using one = await open('operator');
    await using other = await open('operator');
    const id = await newTicket('Both want this');
    const buttons = [one, other].map(({ page }) => card(page, id).getByRole('button', { name: 'Approve & start' }));
    await Promise.all(buttons.map((button) => button.waitFor()));
    await Promise.all(buttons.map((button) => button.evaluate((element: HTMLElement) => element.click())));
    await stack.waitForStatus(id, 'completed');
    expect(stack.starts(id)).toEqual([`claude-${id}`]);
  });

  test('a viewer sees the ticket and no button that decides', async () => {
    const id = await newTicket('Only to look at');
    await using opened = await open('viewer');
    await card(opened.page, id).waitFor();
    expect(await opened.page.locator('[data-card] button').count()).toBe(0);
  });

  test('by keyboard alone: j goes to a card, r asks before it skips', async () => {
    await using opened = await open('operator');
    const { page } = opened;
    const id = await newTicket('Not wanted');
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
    await stack.waitForStatus(id, 'cancelled');
  });

  test('hostile texts stay text, on a phone too, and no accessibility fault is serious in light and dark', async () => {
    const id = await newTicket(
      `<img src=x onerror=alert(1)>\u202e${'x'.repeat(200)}`,
      '<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>',
    );
    await using opened = await open('operator', { viewport: { width: 360, height: 740 } });
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
    await using opened = await open('operator');
    const { page } = opened;
    await stack.services.api.kill();
    await page.getByText('No live connection').waitFor();
    stack.services.api.start();
    await page.getByText('No live connection').waitFor({ state: 'detached', timeout: 30_000 });
    const id = await newTicket('After the outage');
    await card(page, id).waitFor();
  });

  test('the page is asked for anew each time, its parts are kept, and inline scripts are forbidden', async () => {
    const page = await fetch(`${stack.api}/dashboard/`);
    expect(page.headers.get('cache-control')).toBe('no-cache');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    const html = await page.text();
    expect(html).not.toMatch(/<script(?![^>]* src=)/);
    const [, script = ''] = /src="([^"]+\.js)"/.exec(html) ?? [];
    const asset = await fetch(`${stack.api}${script}`);
    expect(asset.headers.get('cache-control')).toContain('immutable');
    expect(gzipSync(await asset.bytes()).length).toBeLessThan(250_000);
  });
});

/** By axe, which runs as a script of the test and not of the page. */
const seriousFaults = async (page: Page): Promise<unknown> => {
  await page.evaluate(AXE);
  return page.evaluate(`axe.run().then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target).join(' ')))`);
};

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

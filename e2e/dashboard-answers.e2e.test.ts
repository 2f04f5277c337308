import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, type Dashboard, seriousFaults, startDashboard } from './support/dashboard.ts';

describe.skipIf(!chromiumPath)('what an agent asks, in the inbox', () => {
  let dashboard: Dashboard;
  beforeAll(async () => {
    const agent = resolve(import.meta.dirname, 'support/asking-agent.sh');
    dashboard = await startDashboard({ config: { automation: { agent_command: [agent] } } });
  });
  afterAll(() => dashboard?.[Symbol.asyncDispose]());

  const card = (page: Page, id: string) => page.locator(`[data-card="${id}"]`);

  test('a question and a permission are answered on their cards, and the agent goes on with the answers', async () => {
    await using opened = await dashboard.open('operator');
    const { page, faults } = opened;
    const id = await dashboard.newTicket('Ask me');
    await card(page, id).getByRole('button', { name: 'Approve & Start Claude' }).click();
    await card(page, id).getByText('Which currency? (1 EUR, 2 USD, and').waitFor();
    const second = card(page, id).getByRole('button', { name: 'Answer 2 USD, and <b>' });
    expect(await second.getAttribute('title')).toContain('which nobody has asked about');
    expect(await seriousFaults(page)).toEqual([]);
    const size = page.viewportSize() ?? { width: 1280, height: 720 };
    await page.setViewportSize({ ...size, width: 360 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    await page.setViewportSize(size);
    await page.keyboard.press('j');
    await page.keyboard.press('2');
    await card(page, id).getByText('the agent asks to use Bash: make').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('a');
    const completed = await dashboard.stack.waitForStatus(id, 'completed');
    expect(completed.summary).toBe('Chose 2, was told yes.');
    await card(page, id).locator('[data-comment]').getByText('Chose 2, was told yes.').waitFor();
    expect(faults).toEqual([]);
  });
});

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
    await card(page, id).getByText('Which currency? (1 EUR, 2 USD)').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await card(page, id).getByRole('button', { name: 'Answer 2' }).click();
    await card(page, id).getByText('the agent asks to use Bash: make').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('a');
    const completed = await dashboard.stack.waitForStatus(id, 'completed');
    expect(completed.summary).toBe('Chose 2, was told yes.');
    await card(page, id).locator('[data-comment]').getByText('Chose 2, was told yes.').waitFor();
    expect(faults).toEqual([]);
  });

  test('a change shows within 200 ms of when the api can tell of it', async () => {
    await using opened = await dashboard.open('viewer');
    const { page } = opened;
    await page.evaluate(watchDelays);
    for (let ticket = 0; ticket < 5; ticket += 1) {
      const id = await dashboard.newTicket(`Change ${ticket}`);
      await card(page, id).waitFor();
    }
    const delaysIn = () => page.evaluate(() => (window as unknown as { delays: number[] }).delays); // `watchDelays` put it there
    await expect.poll(async () => (await delaysIn()).length).toBe(5);
    const delays = await delaysIn();
    expect(delays.sort((a, b) => a - b)[2]).toBeLessThan(200);
  });
});

/** In the page: from when it has heard of a ticket and a list has come that could tell of it, until its card stands there. */
function watchDelays(): void {
  const known = new Map<string, Promise<number>>();
  const shown = new Set<string>();
  const delays: number[] = [];
  Object.assign(window, { delays });
  const told = () => fetch('/api/pending-tickets').then((answer) => answer.json().then(() => performance.now()));
  new EventSource('/api/events').addEventListener('ticket', ({ data }) => {
    const { ticket_id: id } = JSON.parse(data);
    if (!known.has(id)) known.set(id, told());
  });
  new MutationObserver(() => {
    for (const [id, since] of known) {
      if (shown.has(id) || !document.querySelector(`[data-card="${id}"]`)) continue;
      shown.add(id);
      const at = performance.now();
      void since.then((toldAt) => delays.push(Math.max(0, at - toldAt)));
    }
  }).observe(document.body, { childList: true, subtree: true });
}

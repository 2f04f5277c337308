import { renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, type Dashboard, seriousFaults, startDashboard } from './support/dashboard.ts';

const PATIENT = { timeout: 30_000 };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describe.skipIf(!chromiumPath)('fleet and setup in a browser', () => {
  let dashboard: Dashboard;
  beforeAll(async () => {
    dashboard = await startDashboard({ config: { runner: { id: 'e2e', slots: 3, heartbeat_seconds: 1 } } });
  });
  afterAll(() => dashboard?.[Symbol.asyncDispose]());

  test('the link of a first start leads to the setup, which names each thing and mends nothing by itself', async () => {
    const { stack } = dashboard;
    const link = await fetch(`${stack.api}/api/login-links`, { method: 'POST', headers: authorization('operator') });
    const { url } = (await link.json()) as { url: string }; // as its declaration says
    await using opened = await dashboard.open('viewer');
    const { page, faults } = opened;
    await page.goto(url);
    await page.getByText(/^(Everything is there|It works\. Some things)/).waitFor(PATIENT);
    expect(new URL(page.url()).pathname).toBe('/dashboard/setup');
    for (const group of ['Plane', 'Redis', 'Runner e2e', 'Webhooks'])
      await page.getByRole('region', { name: group }).waitFor();
    await page.getByText('Ready for the first ticket').waitFor();
    const repository = join(stack.dir, 'repo');
    renameSync(repository, `${repository}-away`);
    try {
      await page.getByRole('button', { name: 'Check again' }).click();
      await page.getByText('Something is missing').waitFor(PATIENT);
      const runner = page.getByRole('region', { name: 'Runner e2e' });
      await runner.getByText('clone it there, or correct repo_path').waitFor();
    } finally {
      renameSync(`${repository}-away`, repository);
    }
    await page.getByRole('button', { name: 'Check again' }).click();
    await page.getByText('Something is missing').waitFor({ ...PATIENT, state: 'detached' });
    expect(await seriousFaults(page)).toEqual([]);
    expect(faults).toEqual([]);
  });

  test('fleet shows what each runner has left, queues, projects and the last hours; axe finds no fault', async () => {
    await using opened = await dashboard.open('operator', '/fleet');
    const { page, faults } = opened;
    const runner = page.getByRole('region', { name: 'Runners' }).getByRole('listitem').filter({ hasText: 'e2e' });
    await runner.getByText('Ready').waitFor(PATIENT);
    await runner.getByText(/^0 of 3 used$/).waitFor();
    for (const what of ['Memory', 'Processor', 'Disk: worktrees']) await runner.getByText(what).waitFor();
    await page.getByRole('row', { name: /Writing to Plane/ }).waitFor();
    await page.getByRole('row', { name: /ACME/ }).getByText('Read').waitFor(PATIENT);
    const chart = page.getByRole('img', { name: /^Sessions and slots\. Sessions: now 0/ });
    await chart.waitFor(PATIENT);
    await page.getByRole('button', { name: '1 h' }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByRole('button', { name: '1 h' }).getAttribute('aria-pressed')).toBe('true');
    const board = page.getByRole('link', { name: 'notify' });
    expect(await board.getAttribute('href')).toBe('/admin/queues/queue/notify');
    for (const colours of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: colours });
      expect(await seriousFaults(page)).toEqual([]);
    }
    expect(faults).toEqual([]);
  });

  test('on a phone both pages fit, and a viewer is offered nothing that is not for viewers', async () => {
    await using opened = await dashboard.open('viewer', '/fleet', PHONE);
    const { page } = opened;
    await page.getByText(/^0 of 3 used$/).waitFor(PATIENT);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(await page.getByRole('button', { name: 'Poll now' }).count()).toBe(0);
    expect(await page.getByRole('link', { name: /Bull Board|Setup|setup/ }).count()).toBe(0);
    await page.goto(`${dashboard.stack.api}/dashboard/setup`);
    await page.getByText('Only operators may look here').waitFor(PATIENT);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
  });

  test('a lost runner says what to do, and is given up by keyboard; without the api what is shown is said to be old', async () => {
    await using opened = await dashboard.open('operator', '/fleet');
    const { page } = opened;
    const { services } = dashboard.stack;
    await services['session-worker'].kill();
    await page.getByText('Lost').waitFor(PATIENT);
    await page.getByText('It holds nothing').waitFor();
    await page.getByText('no session-worker sends heartbeats').waitFor(PATIENT);
    const giveUp = page.getByRole('button', { name: 'Give up…' });
    await giveUp.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Give up e2e?' });
    await dialog.waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Give it up' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('No runner reports').waitFor(PATIENT);
    await services.api.kill();
    await page.getByText('What you see below is from before').waitFor(PATIENT);
    services.api.start();
    services['session-worker'].start();
    await page.getByText(/^0 of 3 used$/).waitFor({ timeout: 60_000 });
  });
});

const authorization = (who: 'operator') => ({ authorization: `Bearer a-token-of-an-${who}` });

const overflow = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');

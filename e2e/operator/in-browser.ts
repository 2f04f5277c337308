import { chromium, type Page } from 'playwright-core';
import { findChromium } from '../support/find-chromium.ts';
import type { Clock } from './clock.ts';

const TICKET = 'DEMO-1';
const PATIENT = { timeout: 60_000 };

/** What a new operator does with the address that was printed: looks, approves, watches the agent, approves its summary. */
export async function approveInBrowser(address: string, clock: Clock): Promise<void> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('no Chromium is installed; PCO_TEST_CHROMIUM names one elsewhere');
  const browser = await chromium.launch({ executablePath });
  try {
    // the certificate was made for this installation alone: an operator is warned, and goes on
    const page = await browser.newPage({ ignoreHTTPSErrors: true });
    await clock.step('the printed address is opened, and the ticket found', () => findTicket(page, address));
    await clock.step('the ticket is approved, and its agent at work in the terminal', () => approve(page));
    clock.end();
    await clock.aside('the agent reports, and its summary is approved', () => approveSummary(page));
  } finally {
    await browser.close();
  }
}

const card = (page: Page) => page.locator(`[data-ticket="${TICKET}"]`);
const button = (page: Page, name: string) => card(page).getByRole('button', { name, exact: true });

async function findTicket(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page
    .getByRole('navigation')
    .getByRole('link', { name: /^Plane/ })
    .first()
    .click(PATIENT);
  await button(page, 'Approve & Start Claude').waitFor(PATIENT);
}

async function approve(page: Page): Promise<void> {
  await button(page, 'Approve & Start Claude').click();
  await page.waitForURL(`**/dashboard/terminals/${TICKET}`);
  await page.waitForFunction(showsTicket, TICKET, PATIENT);
}
const showsTicket = (id: string) => document.querySelector('.xterm-rows')?.textContent.includes(id);

async function approveSummary(page: Page): Promise<void> {
  await page.goBack();
  await button(page, 'Approve & Update Plane').click(PATIENT);
  await card(page).waitFor({ state: 'detached', ...PATIENT });
}

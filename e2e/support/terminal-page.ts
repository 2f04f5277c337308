import { resolve } from 'node:path';
import type { Page } from 'playwright-core';

/** An agent that does what is typed. */
export const TERMINAL_AGENT = resolve(import.meta.dirname, 'terminal-agent.sh');
export const PATIENT = { timeout: 30_000 };

export async function takeControl(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Take control' }).click();
  await page.getByText('You are in control').waitFor(PATIENT);
}

/** In control, in a window that has our size already, so that nothing is painted anew. */
export async function prepareFlood(page: Page): Promise<void> {
  await takeControl(page);
  await page.getByRole('button', { name: 'Release' }).click();
  await page.getByText('View only').waitFor(PATIENT);
  await takeControl(page);
}

/** Lets `TERMINAL_AGENT` print so much, until the end of it is shown. */
export async function flood(page: Page, megabytes: number, name: string): Promise<void> {
  await page.keyboard.type(`flood ${megabytes} ${name}\n`);
  await page.waitForFunction(isOver, name, { timeout: 60_000 });
}

const isOver = (name: string) =>
  document.querySelector('.xterm-rows')?.textContent.replaceAll('\u00a0', ' ').includes(`the ${name} flood is over`);

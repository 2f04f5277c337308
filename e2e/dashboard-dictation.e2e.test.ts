import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SAID, type SpeechService, startSpeechService } from '../apps/api/src/testing/speech-service.ts';
import { chromiumPath, type Dashboard, seriousFaults, startDashboard } from './support/dashboard.ts';

const MICROPHONE = { permissions: ['microphone'] };

describe.skipIf(!chromiumPath)('dictating', () => {
  let dashboard: Dashboard;
  let speech: SpeechService;
  let asked: string;
  beforeAll(async () => {
    speech = await startSpeechService();
    const agent = resolve(import.meta.dirname, 'support/asking-agent.sh');
    const config = { automation: { agent_command: [agent] }, transcription: { url: speech.url } };
    dashboard = await startDashboard({ config, hasMicrophone: true });
    asked = await dashboard.newTicket('Ask me');
    await dashboard.approve(asked);
    await dashboard.stack.waitForStatus(asked, 'waiting');
  });
  afterAll(async () => {
    await dashboard?.[Symbol.asyncDispose]();
    await speech?.[Symbol.asyncDispose]();
  });

  const card = (page: Page) => page.locator(`[data-card="${asked}"]`);
  const field = (page: Page) => card(page).getByRole('textbox');
  const button = (page: Page, name: string) => card(page).getByRole('button', { name, exact: true });

  test('by keyboard alone: what is said comes to where the cursor stands, and is not sent', async () => {
    await using opened = await dashboard.open('operator', '/', MICROPHONE);
    const { page, faults } = opened;
    await field(page).fill('Before, after');
    await field(page).evaluate((element: HTMLTextAreaElement) => element.setSelectionRange(6, 6));
    await button(page, 'Dictate').focus();
    await page.keyboard.press('Enter');
    await card(page).getByText('Recording').waitFor();
    const width = () =>
      card(page)
        .locator('[data-level] > span')
        .evaluate((bar) => bar.getBoundingClientRect().width);
    await expect.poll(width).toBeGreaterThan(2); // the device of the test beeps
    expect(await seriousFaults(page)).toEqual([]);
    await card(page).getByLabel('Spoken language').selectOption('pt-BR');
    await button(page, 'Done').focus();
    await page.keyboard.press('Enter');
    await card(page).getByText('Inserted: check it before you send it.').waitFor();
    expect(await field(page).inputValue()).toBe(`Before ${SAID}, after`);
    expect(await page.evaluate(() => (document.activeElement as HTMLTextAreaElement).selectionStart)).toBe(
      `Before ${SAID}`.length,
    );
    expect(speech.heard.at(-1)).toMatchObject({ fields: { language: 'pt' } });
    expect(speech.heard.at(-1)?.bytes).toBeGreaterThan(100);
    expect((await dashboard.stack.store.load(asked)).ticket?.status).toBe('waiting');
    expect(faults).toEqual([]);
  });

  test('a failure says why, and what was said is there for another try', async () => {
    await using opened = await dashboard.open('operator', '/', MICROPHONE);
    const { page } = opened;
    await field(page).fill('');
    speech.answer({ status: 503, body: JSON.stringify({ detail: 'loading' }) });
    await button(page, 'Dictate').click();
    await button(page, 'Done').click();
    await card(page).getByRole('alert').getByText('not ready').waitFor();
    speech.answer('hold');
    await button(page, 'Try again').click();
    await card(page).getByText('Making text of it').waitFor();
    await expect.poll(() => speech.underWay()).toBe(1);
    const heard = speech.heard.slice(-2).map(({ bytes }) => bytes);
    expect(heard[0]).toBe(heard[1]);
    speech.answer('text');
    speech.release();
    await expect.poll(() => field(page).inputValue()).toBe(SAID);
  });

  test('who gives up is not recorded any more, and nothing is sent', async () => {
    await using opened = await dashboard.open('operator', '/', MICROPHONE);
    const { page } = opened;
    const before = speech.heard.length;
    await page.evaluate(KEEP_TRACKS);
    await button(page, 'Dictate').click();
    await card(page).getByText('Recording').waitFor();
    await button(page, 'Cancel').click();
    await button(page, 'Dictate').waitFor();
    expect(await page.evaluate('tracks.map(({ readyState }) => readyState)')).toEqual(['ended']);
    expect(speech.heard.length).toBe(before);
  });

  test('a microphone that the person or the browser refuses is said, not hidden', async () => {
    await using opened = await dashboard.open('operator', '/', { permissions: [] });
    const { page } = opened;
    await page.evaluate(
      "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))",
    );
    await button(page, 'Dictate').click();
    await card(page).getByRole('alert').getByText('may not use the microphone').waitFor();
    await button(page, 'Dismiss').click();
    await card(page).getByRole('alert').waitFor({ state: 'detached' });
  });

  test('the box of a terminal takes what is said, and Enter is still the person’s', async () => {
    await using opened = await dashboard.open('operator', `/terminals/${asked}`, MICROPHONE);
    const { page } = opened;
    await page.getByRole('button', { name: 'Take control' }).click();
    await page.getByRole('button', { name: 'Dictate' }).click();
    await page.getByRole('button', { name: 'Done' }).click();
    const box = page.getByLabel('Text to paste into the terminal');
    await expect.poll(() => box.inputValue()).toBe(SAID);
    expect((await dashboard.stack.store.load(asked)).ticket?.status).toBe('waiting');
  });
});

/** What the page was given by the browser is looked at by the test. */
const KEEP_TRACKS = `window.tracks = [];
const given = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  const stream = await given(wanted);
  window.tracks.push(...stream.getTracks());
  return stream;
};`;

import { request } from 'undici';
import type { Figure } from '../support/report.ts';
import type { Pages } from './pages.ts';
import { FIRST_CARD, interactionProbe, timeToInteractive } from './time-to-interactive.ts';

const KB_BELOW = 250;
const ENCODINGS = ['gzip', 'br', 'identity'] as const;

/** Once nothing more has come for so long, the page has all that it fetches by itself. */
const QUIET_MS = 1_000;
const ALL_LOADED = `new Promise((done) => {
  const names = () => performance.getEntriesByType('resource').map(({ name }) => name);
  const look = (before) => setTimeout(() => (names().length === before ? done(names()) : look(names().length)), ${QUIET_MS});
  look(names().length);
})`;

/** What a browser that was never here loads of the page by itself, also what comes after the first picture, as it comes over the wire. */
export async function measureInitialLoad({ browser, known, urls }: Pages): Promise<Figure[]> {
  await using context = await browser.newContext(known);
  await context.addInitScript(interactionProbe(FIRST_CARD));
  const page = await context.newPage();
  await timeToInteractive(page, urls.ours);
  const loaded = await page.evaluate<string[]>(ALL_LOADED);
  const own = [urls.ours, ...new Set(loaded.filter((url) => url.startsWith(urls.ours)))];
  return Promise.all(
    ENCODINGS.map(async (encoding): Promise<Figure> => {
      const sizes = await Promise.all(own.map((url) => bytesOf(url, encoding)));
      return {
        name: `initial load, ${encoding === 'identity' ? 'not compressed' : encoding}`,
        value: sizes.reduce((sum, bytes) => sum + bytes, 0) / 1_000,
        unit: 'kB',
        note: `page, scripts, styles: ${own.length} files`,
        ...(encoding === 'gzip' ? { target: { below: KB_BELOW } } : {}),
      };
    }),
  );
}

async function bytesOf(url: string, encoding: string): Promise<number> {
  const { body } = await request(url, { headers: { 'accept-encoding': encoding } });
  return (await body.arrayBuffer()).byteLength;
}

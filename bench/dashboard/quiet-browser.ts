import type { Browser } from 'playwright-core';

const LOOK_MS = 100;
/** Of processor time within that. */
const BELOW_S = 0.01;

/**
 * Until the browser does nothing. With a window it loads pages of its own user interface: most of a second of processor
 * time beside what is measured in it, that nobody has whose window is open already.
 */
export async function untilQuiet(browser: Browser): Promise<void> {
  const root = await browser.newBrowserCDPSession();
  try {
    let before = Number.NEGATIVE_INFINITY;
    for (;;) {
      const { processInfo } = await root.send('SystemInfo.getProcessInfo');
      const used = processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
      if (used - before < BELOW_S) return;
      before = used;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  } finally {
    await root.detach();
  }
}

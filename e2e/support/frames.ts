import type { Page } from 'playwright-core';
import { z } from 'zod';

const Event = z.object({
  name: z.string(),
  pid: z.number(),
  tid: z.number(),
  tdur: z.number().optional(),
  args: z.looseObject({ name: z.string() }).partial().optional(),
});
const Trace = z.object({ traceEvents: z.array(z.unknown()) });

/**
 * The longest that the page kept its main thread from drawing while it did something (`work`: an expression for a
 * promise), in ms of processor time: the same on a machine that has much else to do meanwhile, unlike the time between frames.
 */
export async function longestTask(page: Page, work: string): Promise<number> {
  const browser = page.context().browser();
  if (!browser) throw new Error('the page is in no browser of ours');
  await browser.startTracing(page, { categories: ['toplevel'] });
  let trace: Buffer;
  try {
    await page.evaluate(work);
  } finally {
    trace = await browser.stopTracing();
  }
  const { traceEvents } = Trace.parse(JSON.parse(trace.toString()));
  const events = traceEvents.flatMap((event) => Event.safeParse(event).data ?? []);
  const mains = new Set(
    events.flatMap(({ name, pid, tid, args }) =>
      name === 'thread_name' && args?.name === 'CrRendererMain' ? [`${pid} ${tid}`] : [],
    ),
  );
  const tasks = events.filter(({ name, pid, tid }) => name.endsWith('RunTask') && mains.has(`${pid} ${tid}`));
  if (tasks.length === 0) throw new Error('the browser told of no task of the page');
  return Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1_000;
}

/** Begins to look how long the page goes without a frame. */
export const watchFrames = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const gaps = { longest: 0, last: performance.now() };
    const look = () => {
      const now = performance.now();
      gaps.longest = Math.max(gaps.longest, now - gaps.last);
      gaps.last = now;
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    Object.assign(window, { longestGap: () => gaps.longest });
  });

/** Between two frames since the last `watchFrames`, ms. */
export const longestGap = (page: Page): Promise<number> => page.evaluate<number>('window.longestGap()');

/** A page with nothing in it, in the same browser. */
export async function emptyPage(beside: Page): Promise<AsyncDisposable & { readonly page: Page }> {
  const context = await beside.context().browser()?.newContext();
  if (!context) throw new Error('the page has no browser');
  return { page: await context.newPage(), [Symbol.asyncDispose]: () => context.close() };
}

/** A page that is drawn at all has the next frame long before. */
const NO_FRAME_MS = 20_000;
/** What a page says that is not drawn any more. */
const NO_FRAME = `no frame for ${NO_FRAME_MS} ms`;

/** Two screens a frame, until nothing follows. */
export const SCROLL_TO_THE_END = `new Promise((done, fail) => {
  let still = 0;
  let last = performance.now();
  const guard = setInterval(() => {
    if (performance.now() - last < ${NO_FRAME_MS}) return;
    clearInterval(guard);
    fail(new Error('${NO_FRAME} at ' + scrollY + ' px; the page is ' + document.visibilityState));
  }, 1_000);
  const finish = () => {
    clearInterval(guard);
    done();
  };
  const step = () => {
    last = performance.now();
    const before = scrollY;
    scrollBy(0, 1_600);
    still = scrollY === before ? still + 1 : 0;
    if (still > 60) finish();
    else requestAnimationFrame(step);
  };
  step();
})`;

const TRIES = 3;

/**
 * Seen now and then in a headless Chromium: a page that says it is visible, and whose timers go on, gets no frame any more.
 * What is measured is then measured again; it opens its page itself.
 */
export async function untilDrawn<T>(measure: () => Promise<T>, say: (why: string) => void): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await measure();
    } catch (err) {
      if (tries === TRIES || !(err instanceof Error && err.message.includes(NO_FRAME))) throw err;
      say(err.message.split('\n')[0] ?? NO_FRAME);
    }
  }
}

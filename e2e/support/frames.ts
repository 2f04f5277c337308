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
  await page.evaluate(work);
  const { traceEvents } = Trace.parse(JSON.parse((await browser.stopTracing()).toString()));
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

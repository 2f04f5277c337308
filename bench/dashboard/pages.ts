import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@pco/shared/run-program';
import { freePort } from '@pco/shared/testing/free-port';
import type { Browser, BrowserContext } from 'playwright-core';
import { type Dashboard, startDashboard } from '../../e2e/support/dashboard.ts';
import { TERMINAL_AGENT } from '../../e2e/support/terminal-page.ts';
import { nextMessage, ROOT, startChild } from '../support/child.ts';

/** Of everyone who has all of their history in it. */
export const TICKETS = 10_000;
export const STREAM = 'bench:told';

/** The dashboard on a running stack, and beside it an empty page that is built and served alike. */
export interface Pages extends AsyncDisposable {
  readonly dashboard: Dashboard;
  readonly browser: Browser;
  /** A browser that is logged in. */
  readonly known: { readonly storageState: Awaited<ReturnType<BrowserContext['storageState']>> };
  readonly urls: { readonly ours: string; readonly empty: string };
}

export async function startPages(): Promise<Pages> {
  await using stack = new AsyncDisposableStack();
  const dashboard = stack.use(
    await startDashboard({
      // we ask for more than anybody may
      config: {
        automation: { agent_command: [TERMINAL_AGENT] },
        api: { requests_per_minute: 0 },
        logging: { level: 'info' },
      },
    }),
  );
  await dashboard.fill(TICKETS);
  const { dir, env, api } = dashboard.stack;
  const folder = join(dir, 'empty-page');
  mkdirSync(folder);
  const built = await run(process.execPath, [join(ROOT, 'bench/programs/build-empty-page.ts'), folder]);
  if (!built.ok) throw new Error(`the empty page could not be built: ${built.output}`);
  const port = await freePort();
  const args = [String(port), folder, STREAM];
  const script = 'bench/programs/empty-page.ts';
  const server = stack.use(startChild({ name: 'empty-page', script, args, env, logFile: join(dir, 'empty-page.log') }));
  await nextMessage(server);
  await using opened = await dashboard.open('operator');
  const context = opened.page.context();
  const browser = context.browser();
  if (!browser) throw new Error('the page has no browser');
  const known = { storageState: await context.storageState() };
  const moved = stack.move();
  return {
    dashboard,
    browser,
    known,
    urls: { ours: `${api}/dashboard/`, empty: `http://127.0.0.1:${port}/dashboard/` },
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

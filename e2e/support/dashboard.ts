import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { buildDashboard } from '../../apps/launcher/src/dashboard.ts';
import { createTerminal } from '../../apps/launcher/src/terminal.ts';
import { fillTickets } from '../../bench/support/fill-tickets.ts';
import { findChromium } from './find-chromium.ts';
import { type Stack, type StackOptions, startStack } from './stack.ts';
import { until } from './until.ts';

const TOKENS = {
  operator: 'a-token-of-an-operator',
  viewer: 'a-token-of-a-viewer-here',
  admin: 'a-token-of-an-admin-h',
};
type Person = keyof typeof TOKENS;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const hash = (token: string) => createHash('sha256').update(token).digest('hex');

/** Undefined where no Chromium can be had: tests of pages are then skipped, and say so. */
export const chromiumPath = findChromium();
if (!chromiumPath) process.stdout.write('no Chromium can be had: the tests of the dashboard are skipped\n');

export interface Opened extends AsyncDisposable {
  readonly page: Page;
  /** What the browser complained of. */
  readonly faults: readonly string[];
}

export interface Dashboard extends AsyncDisposable {
  readonly stack: Stack;
  /** A browser of its own, logged in; `path` is that of a page, such as `/fleet`. */
  open(who: Person, path?: string, options?: BrowserContextOptions): Promise<Opened>;
  /** Headers with which somebody calls the api without a browser. */
  as(who: Person): Readonly<Record<string, string>>;
  /** Alice plans a work item, the poller finds it. */
  newTicket(name: string, description?: string): Promise<string>;
  /** The operator approves without a browser. */
  approve(id: string): Promise<void>;
  /** So many tickets more, most of them done; of the rest so many wait for approval. */
  fill(tickets: number, pending?: number): Promise<void>;
}

interface DashboardOptions extends StackOptions {
  /** Browsers have one that beeps. */
  readonly hasMicrophone?: boolean;
}

const MICROPHONE = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

/** A running stack with people who have tokens, and a Chromium. */
export async function startDashboard({ hasMicrophone = false, ...options }: DashboardOptions = {}): Promise<Dashboard> {
  await buildDashboard(createTerminal(process, true));
  const tokens = Object.fromEntries(Object.entries(TOKENS).map(([role, token]) => [role, { role, hash: hash(token) }]));
  const { api = {}, ...config } = (options.config ?? {}) as { api?: object };
  const stack = await startStack({ ...options, config: { ...config, api: { ...api, tokens } } });
  const browser = await chromium.launch({
    executablePath: chromiumPath ?? '',
    args: hasMicrophone ? MICROPHONE : [],
  });
  return {
    stack,
    open: (who, path = '/', context = {}) => open(browser, stack, { who, path, context }),
    as: (who) => ({ authorization: `Bearer ${TOKENS[who]}` }),
    newTicket: async (name, description = '<p>Please do it.</p>') => {
      const item = { project: 'ACME', name, description_html: description, state: 'Todo' };
      const { key } = stack.emulator.createItem(item);
      await stack.poll();
      await stack.waitForStatus(key, 'pending');
      return key;
    },
    async approve(id) {
      const headers = { authorization: `Bearer ${TOKENS.operator}` };
      const answer = await fetch(`${stack.api}/api/approve/${id}`, { method: 'POST', headers });
      if (!answer.ok) throw new Error(`${id} was not approved: ${await answer.text()}`);
    },
    async fill(tickets, pending) {
      const { handle, services, areReady } = stack;
      await services.api.kill(); // it reads what is there when it starts
      await fillTickets(handle.client, handle.keys, tickets, pending);
      services.api.start();
      await until('the api is back', () => areReady(['api']));
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      await stack[Symbol.asyncDispose]();
    },
  };
}

interface Asked {
  readonly who: Person;
  readonly path: string;
  readonly context: BrowserContextOptions;
}

async function open(browser: Browser, stack: Stack, { who, path, context: options }: Asked): Promise<Opened> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    // whoever is not logged in is to be refused
    if (message.type() === 'error' && !message.text().includes('401')) faults.push(message.text());
  });
  page.on('pageerror', (err) => faults.push(String(err)));
  await page.goto(`${stack.api}/dashboard${path}`);
  await page.getByLabel('Access token').fill(TOKENS[who]);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page
    .getByRole('banner')
    .getByText(/^(Online|Degraded)/)
    .waitFor();
  return { page, faults, [Symbol.asyncDispose]: () => context.close() };
}

/** By axe, which runs as a script of the test and not of the page. */
export async function seriousFaults(page: Page): Promise<unknown> {
  await page.evaluate(AXE);
  return page.evaluate(`axe.run().then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target).join(' ')))`);
}

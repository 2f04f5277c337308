import type { Browser, BrowserContextOptions } from 'playwright-core';
import { z } from 'zod';
import { untilQuiet } from './quiet-browser.ts';

/**
 * A page that nobody looks into. Playwright listens to the network of its pages, for which V8 works out the positions in
 * the source of everything on the stack with each request that a script makes: some tens of milliseconds of a start, that
 * no visitor has.
 */
export interface PlainPage extends AsyncDisposable {
  /** Runs in every document before anything of it. */
  addInitScript(source: string): Promise<void>;
  /** Until its `load` event. */
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  /** The value of an expression; a promise is waited for. */
  evaluate<T>(expression: string): Promise<T>;
}

const Message = z.union([
  z.object({ id: z.number(), result: z.unknown().optional(), error: z.object({ message: z.string() }).optional() }),
  z.object({ method: z.string() }),
]);
const Evaluated = z.object({
  result: z.object({ value: z.unknown() }),
  exceptionDetails: z.object({ text: z.string() }).optional(),
});

/** In a context of its own with these cookies, as a new visitor has it. Playwright lets go of contexts that are not its own. */
export async function openPlainPage(browser: Browser, cookies: Cookies): Promise<PlainPage> {
  await using stack = new AsyncDisposableStack();
  const root = await browser.newBrowserCDPSession();
  stack.defer(() => root.detach());
  const { browserContextId } = await root.send('Target.createBrowserContext');
  stack.defer(async () => void (await root.send('Target.disposeBrowserContext', { browserContextId })));
  await root.send('Storage.setCookies', { browserContextId, cookies: cookies.map(asParameter) });
  const { targetId } = await root.send('Target.createTarget', { url: 'about:blank', browserContextId, ...SIZE });
  const { sessionId } = await root.send('Target.attachToTarget', { targetId, flatten: false });

  const answers = new Map<number, PromiseWithResolvers<unknown>>();
  let loaded = Promise.withResolvers<void>();
  root.on('Target.receivedMessageFromTarget', (event) => {
    if (event.sessionId !== sessionId) return;
    const message = Message.parse(JSON.parse(event.message));
    if ('method' in message) {
      if (message.method === 'Page.loadEventFired') loaded.resolve();
      return;
    }
    const { id, error, result } = message;
    if (error) answers.get(id)?.reject(new Error(error.message));
    else answers.get(id)?.resolve(result);
    answers.delete(id);
  });
  let sent = 0;
  const send = async (method: string, params: object = {}): Promise<unknown> => {
    sent += 1;
    const answer = Promise.withResolvers<unknown>();
    answers.set(sent, answer);
    const message = JSON.stringify({ id: sent, method, params });
    await root.send('Target.sendMessageToTarget', { sessionId, message });
    return inTime(method, answer.promise);
  };
  const untilLoaded = async (method: string, params?: object) => {
    loaded = Promise.withResolvers();
    await send(method, params);
    await inTime(`${method} with a \`load\``, loaded.promise);
  };
  await send('Page.enable');
  await untilQuiet(browser);
  const moved = stack.move();
  return {
    addInitScript: async (source) => void (await send('Page.addScriptToEvaluateOnNewDocument', { source })),
    goto: (url) => untilLoaded('Page.navigate', { url }),
    reload: () => untilLoaded('Page.reload'),
    async evaluate<T>(expression: string) {
      const params = { expression, awaitPromise: true, returnByValue: true };
      const { result, exceptionDetails } = Evaluated.parse(await send('Runtime.evaluate', params));
      if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.text}`);
      return result.value as T; // whoever wrote the expression knows what it gives
    },
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

/** As Playwright's own pages. */
const SIZE = { width: 1_280, height: 720 };

export type Cookies = Exclude<Exclude<BrowserContextOptions['storageState'], string | undefined>['cookies'], undefined>;

const asParameter = ({ expires, ...cookie }: Cookies[number]) => (expires > 0 ? { ...cookie, expires } : cookie);

const PATIENCE_MS = 60_000;

async function inTime<T>(what: string, answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer to ${what} for ${PATIENCE_MS} ms`)), PATIENCE_MS);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

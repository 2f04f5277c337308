/** How one sees that a page is there and answers: expressions of the page, `press` is repeated until `answered` holds. */
export interface Interaction {
  readonly present: string;
  readonly press: string;
  readonly answered: string;
}

/** The first card of the inbox takes the focus when `j` is pressed. */
export const FIRST_CARD: Interaction = {
  present: `document.querySelector('[data-card]')`,
  press: `document.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true }))`,
  answered: `document.activeElement?.matches('[data-card]')`,
};

/** The button of the empty page counts. */
export const BUTTON: Interaction = {
  present: `document.querySelector('button')`,
  press: `document.querySelector('button').click()`,
  answered: `document.querySelector('button').textContent !== '0'`,
};

/** What is visited: a page of Playwright, or one that nobody looks into. */
interface Visited {
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  evaluate<T>(expression: string): Promise<T>;
}

const LOOK_MS = 2;
/** So long nothing takes long, or it was not over yet. */
const QUIET_MS = 500;

/** To be in the page before anything of it: it tries whether the page answers, and looks for what keeps it from that. */
export const interactionProbe = ({ present, press, answered }: Interaction): string => `
  window.interactive = new Promise((done) => {
    let answeredAt = 0;
    let busyUntil = 0;
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) busyUntil = startTime + duration;
    }).observe({ type: 'longtask', buffered: true });
    const look = () => {
      const now = performance.now();
      if (answeredAt === 0 && ${present}) {
        if (${answered}) answeredAt = now;
        else ${press};
      }
      if (answeredAt > 0 && now - Math.max(answeredAt, busyUntil) > ${QUIET_MS}) done(Math.max(answeredAt, busyUntil));
      else setTimeout(look, answeredAt > 0 ? 50 : ${LOOK_MS});
    };
    look();
  });`;

/** From the begin of the navigation until the page answers and no long task (over 50 ms) follows, ms. */
export async function timeToInteractive(page: Visited, url: string): Promise<number> {
  await page.goto('about:blank'); // to leave the page before is no part of it
  await page.goto(url);
  return page.evaluate<number>('window.interactive');
}

/** The same of a page that is loaded again in place, ms. */
export async function timeToInteractiveAgain(page: Visited): Promise<number> {
  await page.reload();
  return page.evaluate<number>('window.interactive');
}

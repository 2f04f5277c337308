import { useEffect, useState } from 'react';

/** At the latest: where nothing can be shown, as without the service. */
const LATEST_MS = 2_000;
/** Nobody waits longer for a browser that is never idle. */
const IDLE_WITHIN_MS = 300;

let resolveDrawn: () => void = () => undefined;
let isDrawn = false;

/** Menus, dialogs, events: what nobody sees in the first picture comes after it. */
const firstPicture = new Promise<void>((resolve) => {
  resolveDrawn = resolve;
  setTimeout(resolve, LATEST_MS);
});
void firstPicture.then(() => {
  isDrawn = true;
});

/** A page stands there with what it shows; painted it is with the next frame. */
export const pictureDrawn = (): void => {
  requestAnimationFrame(() => setTimeout(resolveDrawn));
};

/** Until the browser has nothing else to do. */
const idle = (): Promise<void> =>
  new Promise((resolve) => {
    if ('requestIdleCallback' in window) requestIdleCallback(() => resolve(), { timeout: IDLE_WITHIN_MS });
    else setTimeout(resolve);
  });

let last: Promise<void> = firstPicture;

/** After the first picture, one after the other, so that whoever presses something in between is answered in between. */
export function turn(): Promise<void> {
  last = last.then(idle);
  return last;
}

/** Whether it is time for what is not in the first picture. Whatever is opened later has that behind it. */
export function useTurn(): boolean {
  const [isIt, setIsIt] = useState(isDrawn);
  useEffect(() => {
    if (isIt) return;
    let isGone = false;
    void turn().then(() => (isGone ? undefined : setIsIt(true)));
    return () => {
      isGone = true;
    };
  }, [isIt]);
  return isIt;
}

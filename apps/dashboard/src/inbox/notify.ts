const KEY = 'notify';

/** Where browsers cannot, or may not because the page came over a plain connection. */
export const canNotify = (): boolean => 'Notification' in window && isSecureContext;

/** Whether the person asked for it, in this browser, and the browser lets us. */
export const isNotifying = (): boolean =>
  canNotify() && Notification.permission === 'granted' && localStorage.getItem(KEY) === 'on';

export const stopNotifying = (): void => localStorage.removeItem(KEY);

/** Asks the browser, which asks the person. @returns whether it may */
export async function startNotifying(): Promise<boolean> {
  if ((await Notification.requestPermission()) !== 'granted') return false;
  localStorage.setItem(KEY, 'on');
  return true;
}

import { createHmac } from 'node:crypto';
import type { Webhook } from './rows.ts';

/** One attempt with Plane's headers: the status, or null when there was none: a network error, or no answer in time. */
export async function postWebhook(
  hook: Webhook,
  delivery: string,
  event: string,
  body: string,
  stop: AbortSignal,
  timeoutMs: number,
): Promise<number | null> {
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Autopilot',
    'x-plane-delivery': delivery,
    'x-plane-event': event,
    'x-plane-signature': createHmac('sha256', hook.secret).update(body).digest('hex'),
  };
  const signal = AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]);
  try {
    const answer = await fetch(hook.url, { method: 'POST', headers, body, signal });
    await answer.body?.cancel();
    return answer.status;
  } catch {
    return null;
  }
}

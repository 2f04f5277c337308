import { pause } from '@pco/shared/time';

const EVERY_MS = 60;
const ANSWER_MS = 5_000;

/** Asks until the answer is 2xx, or until the signal aborts. `seen` hears what was answered instead. */
export async function untilOk(
  url: string,
  signal: AbortSignal,
  seen: (answer: string) => void = () => {},
): Promise<void> {
  while (!signal.aborted) {
    try {
      const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) });
      const body = await answer.text();
      if (answer.ok) return;
      seen(`${answer.status} ${body.slice(0, 300)}`);
    } catch (err) {
      seen(err instanceof Error && err.cause instanceof Error ? err.cause.message : 'no answer');
    }
    await pause(EVERY_MS, signal);
  }
}

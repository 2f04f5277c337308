import type { Stack } from './stack.ts';
import { until } from './until.ts';

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** One request to the api; a connection that breaks gives status 0. */
export async function ask(stack: Stack, method: string, path: string, body?: unknown): Promise<Answer> {
  try {
    const answer = await fetch(`${stack.api}${path}`, {
      method,
      signal: AbortSignal.timeout(20_000),
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }; // our api answers objects
  } catch {
    return { status: 0, body: {} };
  }
}

/** What a person does whose browser shows an error: the same click again. */
export const askUntilHeard = (stack: Stack, method: string, path: string, body?: unknown): Promise<Answer> =>
  until(`${method} ${path} is answered`, async () => {
    const answer = await ask(stack, method, path, body);
    return answer.status !== 0 && answer.status < 500 ? answer : false;
  });

/**
 * What a person does who is told that the ticket is not where it was a moment ago: what was shown before every replica
 * had it may be taken back by a failover, and comes again.
 */
function askUntilTaken(stack: Stack, path: string, body?: unknown): Promise<Answer> {
  let last: Answer | undefined;
  return until(
    () => `POST ${path} is taken; the last answer was ${JSON.stringify(last)}`,
    async () => {
      last = await askUntilHeard(stack, 'POST', path, body);
      return last.status < 400 ? last : false;
    },
  );
}

export const approve = (stack: Stack, ticketId: string): Promise<Answer> =>
  askUntilTaken(stack, `/api/approve/${ticketId}?wait=1`);

export const updatePlane = (stack: Stack, ticketId: string, summary: string): Promise<Answer> =>
  askUntilTaken(stack, `/api/update-plane/${ticketId}?wait=1`, { summary });

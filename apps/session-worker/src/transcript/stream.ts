import { pause, SECOND_MS } from '@pco/shared/time';
import type { Follower } from './follow.ts';

const LOOK_MS = SECOND_MS / 4;
/** Proxies close what is silent for long; whether the session still lives is looked up as often. */
const SIGN_OF_LIFE_MS = 10 * SECOND_MS;
const AT_ONCE = 50;

/**
 * Server-sent events: each entry under the number of its line, by which a client that comes back goes on. After the
 * last one of a session that has ended comes `end`, and nothing more.
 */
export async function* transcriptEvents(follower: Follower, lives: () => Promise<boolean>): AsyncGenerator<string> {
  yield 'retry: 2000\n\n';
  let isLive = await lives();
  let quietMs = 0;
  for (;;) {
    const entries = await follower.next(AT_ONCE);
    for (const entry of entries) yield `id: ${entry.line}\nevent: entry\ndata: ${JSON.stringify(entry)}\n\n`;
    if (entries.length > 0) quietMs = 0;
    else if (!isLive) return yield 'event: end\ndata: {}\n\n';
    else if (quietMs >= SIGN_OF_LIFE_MS) {
      isLive = await lives();
      quietMs = 0;
      yield ': still here\n\n';
    } else {
      await pause(LOOK_MS);
      quietMs += LOOK_MS;
    }
  }
}

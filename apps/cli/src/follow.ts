import { FeedHello, FeedReset, TicketChange } from '@pco/shared/contracts/http';
import { pause, SECOND_MS } from '@pco/shared/time';
import type { Client } from './client.ts';
import { CliFailure, EXIT } from './failure.ts';
import { createSseParser } from './sse.ts';

export interface FollowOptions {
  /** Id of the last event that is known already. */
  readonly after: string | undefined;
  readonly tickets: readonly string[];
  /** Whether a lost connection is made again. */
  readonly isPersistent: boolean;
  readonly stop: AbortSignal;
  onChange(id: string, change: TicketChange): void;
  onReset(id: string, why: string): void;
  onLost(why: string): void;
}

/** Without a sign of life for so long, the connection is dead; until the api says how often it gives one. */
const FIRST_SIGN_MS = 60 * SECOND_MS;
const BEATS_MISSED = 3;
const AGAIN_MS = SECOND_MS;

/** Listens from where it was, over as many connections as it takes. */
export async function follow(api: Client, options: FollowOptions): Promise<void> {
  const { stop, isPersistent, onLost } = options;
  let lastEventId = options.after;
  let hasListened = false;
  const heard = (id: string) => {
    lastEventId = id;
    hasListened = true;
  };
  while (!stop.aborted) {
    try {
      await listen(api, options, lastEventId, heard);
      if (!isPersistent) throw new CliFailure(EXIT.unreachable, 'the connection ended; --follow comes back by itself');
      if (!stop.aborted) onLost('the connection ended');
    } catch (err) {
      if (stop.aborted) return;
      // a refusal stays one; only what was there before may be waited for
      const isLost = err instanceof CliFailure && err.exit === EXIT.unreachable;
      if (!isPersistent || !isLost || !hasListened) throw err;
      onLost(err.message.split('\n')[0] ?? '');
    }
    await pause(AGAIN_MS, stop);
  }
}

async function listen(
  api: Client,
  options: FollowOptions,
  after: string | undefined,
  heard: (id: string) => void,
): Promise<void> {
  const dead = new AbortController();
  let patienceMs = FIRST_SIGN_MS;
  let timer = setTimeout(() => dead.abort(), patienceMs);
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => dead.abort(), patienceMs);
  };
  try {
    const signal = AbortSignal.any([options.stop, dead.signal]);
    const query = options.tickets.length > 0 ? { ticket: options.tickets } : {};
    const answer = await api.open('events', { query, signal }, after === undefined ? {} : { 'last-event-id': after });
    const parser = createSseParser();
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      alive();
      for (const { id, event, data } of parser.push(chunk)) {
        if (event === 'hello') patienceMs = FeedHello.parse(JSON.parse(data)).heartbeat * SECOND_MS * BEATS_MISSED;
        if (event === 'ticket') options.onChange(id, TicketChange.parse(JSON.parse(data)));
        if (event === 'reset') options.onReset(id, FeedReset.parse(JSON.parse(data)).why);
      }
      if (parser.lastEventId() !== '') heard(parser.lastEventId());
    }
  } catch (err) {
    if (err instanceof CliFailure || options.stop.aborted) throw err;
    if (err instanceof SyntaxError || (err instanceof Error && err.name === 'ZodError'))
      throw new CliFailure(
        EXIT.failed,
        'the api sent an event that this pco does not understand; are both of the same version?',
      );
    throw new CliFailure(EXIT.unreachable, 'the connection was lost');
  } finally {
    clearTimeout(timer);
  }
}

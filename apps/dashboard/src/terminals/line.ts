import { SOCKET_CLOSE } from '@pco/shared/contracts/http/terminal-frames';
import type { z } from 'zod';
import { addressOf, CallError, call } from '../call.ts';

/** connecting → live ⇄ reconnecting → ended, or gone: there is no such session, or refused. */
export type Phase = 'connecting' | 'live' | 'reconnecting' | 'ended' | 'gone' | 'refused';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;
/** Who was connected for less than this waits longer the next time. */
const STABLE_MS = 5_000;
/** A timer that comes so late was asleep with its machine, and the connection is gone whatever it says. */
const TICK_MS = 5_000;
const ASLEEP_MS = 30_000;

export interface LineOptions<Frame extends { readonly type: string }> {
  readonly ticketId: string;
  readonly operation: 'terminal' | 'replay';
  readonly frame: z.ZodType<Frame>;
  /** Asked at each connection. */
  mode(): 'view' | 'control';
  /** Asked at each connection: where to go on. */
  query(): Readonly<Record<string, string | number | undefined>>;
  /** Whether a session that is not there will be: it is starting. */
  isExpected(): boolean;
  take(frame: Frame): void;
  changed(phase: Phase, why?: string): void;
}

export interface Line {
  readonly isLive: boolean;
  send(command: object): void;
  /** Connects anew, with another mode perhaps. */
  reopen(): void;
  /** Hears no more until `reopen`; the other side reads on from disk then. */
  hold(): void;
  close(): void;
}

/**
 * A WebSocket of the api that comes back by itself. A browser cannot send a header with it, so each connection gets a ticket
 * first. While the page is hidden nothing is connected anew (B-203).
 */
export function openLine<Frame extends { readonly type: string }>(options: LineOptions<Frame>): Line {
  const { ticketId, operation, frame, take, changed } = options;
  /** What an earlier connection still says does not count. */
  let round = 0;
  let socket: WebSocket | undefined;
  let isLive = false;
  let wasLive = false;
  let liveSinceMs = 0;
  let failures = 0;
  let retry: number | undefined;
  let isOver = false;

  const drop = () => {
    round++;
    window.clearTimeout(retry);
    retry = undefined;
    isLive = false;
    socket?.close();
    socket = undefined;
  };
  const finish = (phase: Phase, why?: string) => {
    drop();
    isOver = true;
    changed(phase, why);
  };
  const open = () => {
    drop();
    const mine = round;
    connect(mine).catch((err: unknown) => {
      if (mine === round) failed(err); // closed or opened anew meanwhile: nobody waits for it
    });
  };
  const later = (why?: string) => {
    drop();
    changed(wasLive ? 'reconnecting' : 'connecting', why);
    const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures++) * (0.75 + Math.random() / 2);
    // hidden: as soon as it is shown again
    if (!document.hidden) retry = window.setTimeout(open, waitMs);
  };
  const failed = (err: unknown) => {
    const status = err instanceof CallError ? err.status : 0;
    const why = err instanceof Error ? err.message : String(err);
    if (status === 404 && !options.isExpected()) finish(wasLive ? 'ended' : 'gone', why);
    else if (status === 401 || status === 403) finish('refused', why);
    else later(why);
  };
  const closed = (code: number, why: string) => {
    if (code === SOCKET_CLOSE.normal) finish('ended');
    else if (code === SOCKET_CLOSE.notFound && !options.isExpected()) finish(wasLive ? 'ended' : 'gone', why);
    else if (code === SOCKET_CLOSE.refused) finish('refused', why);
    else later(why);
  };

  async function connect(mine: number): Promise<void> {
    const { ticket } = await call('createTerminalTicket', {
      params: { ticketId },
      body: { mode: options.mode() },
    });
    if (mine !== round) return;
    const query = { ...options.query(), ticket };
    const address = new URL(addressOf(operation, { params: { ticketId }, query }), location.href);
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    const opened = new WebSocket(address);
    socket = opened;
    opened.addEventListener('message', ({ data }) => {
      if (mine !== round) return;
      const { data: given } = frame.safeParse(JSON.parse(String(data)));
      if (!given) return; // of a newer service
      if (given.type === 'ready') ready();
      take(given);
    });
    opened.addEventListener('close', ({ code, reason }) => {
      if (mine === round) closed(code, reason);
    });
  }
  const ready = () => {
    isLive = true;
    wasLive = true;
    liveSinceMs = performance.now();
    changed('live');
  };

  const wake = () => {
    if (isOver || isLive || document.hidden) return;
    failures = 0;
    open();
  };
  const offline = () => {
    if (!isOver && isLive) later();
  };
  let tickedMs = Date.now();
  const ticks = window.setInterval(() => {
    const sleptMs = Date.now() - tickedMs - TICK_MS;
    tickedMs = Date.now();
    if (isLive && performance.now() - liveSinceMs > STABLE_MS) failures = 0;
    if (sleptMs > ASLEEP_MS && !document.hidden && !isOver) open();
  }, TICK_MS);
  document.addEventListener('visibilitychange', wake);
  window.addEventListener('online', wake);
  window.addEventListener('offline', offline);

  changed('connecting');
  open();
  return {
    get isLive() {
      return isLive;
    },
    send(command) {
      if (isLive) socket?.send(JSON.stringify(command));
    },
    reopen() {
      if (!isOver) open();
    },
    hold: drop,
    close() {
      drop();
      isOver = true;
      window.clearInterval(ticks);
      document.removeEventListener('visibilitychange', wake);
      window.removeEventListener('online', wake);
      window.removeEventListener('offline', offline);
    },
  };
}

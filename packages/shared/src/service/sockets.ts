import { pause } from '../time.ts';

/** Two periods without an answer: the other side is gone although nobody closed the connection. */
const MAX_MISSED = 2;
const GOING_AWAY = 1001; // RFC 6455
const GOODBYE_MS = 500;
/** A close frame holds 125 bytes, two of them the code. */
const REASON_BYTES = 123;

interface Pinged {
  ping(): void;
  terminate(): void;
  on(event: 'pong', listener: () => void): unknown;
}
interface Closable {
  readonly readyState: number;
  readonly CLOSED: number;
  close(code: number): void;
  terminate(): void;
}

/** Pings, so that proxies keep an idle connection (B-163). Gives what stops it. */
export function keepAlive(socket: Pinged, periodMs: number): () => void {
  let unanswered = 0;
  socket.on('pong', () => {
    unanswered = 0;
  });
  const timer = setInterval(() => {
    if (unanswered >= MAX_MISSED) return socket.terminate();
    unanswered++;
    socket.ping();
  }, periodMs);
  return () => clearInterval(timer);
}

/** Says goodbye to every WebSocket; a browser that does not answer must not hold up our end. */
export async function closeSockets(sockets: readonly Closable[]): Promise<void> {
  for (const socket of sockets) socket.close(GOING_AWAY);
  const deadline = performance.now() + GOODBYE_MS;
  while (performance.now() < deadline && sockets.some(({ readyState, CLOSED }) => readyState !== CLOSED))
    await pause(10);
  for (const socket of sockets) socket.terminate();
}

/** As much of a text as a close frame can carry. */
export function closeReason(text: string): string {
  let reason = text.slice(0, REASON_BYTES);
  while (Buffer.byteLength(reason) > REASON_BYTES) reason = reason.slice(0, -1);
  return reason.toWellFormed();
}

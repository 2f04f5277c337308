/** Two periods without an answer: the browser is gone although nobody closed the connection. */
const MAX_MISSED = 2;

interface Pinged {
  ping(): void;
  terminate(): void;
  on(event: 'pong', listener: () => void): unknown;
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

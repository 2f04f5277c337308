import type { WebSocket } from 'ws';

/** What may wait for a side that is slow to take it; with one read from the network it is all that we ever hold. */
const HIGH_WATER_BYTES = 256 * 1024;
const LOW_WATER_BYTES = HIGH_WATER_BYTES / 4;

/**
 * Passes messages on as they come, unread. Where the other side does not keep up, reading stops until it has: so the
 * network holds up whoever sends, and nothing is gathered here.
 */
export function relay(from: WebSocket, to: WebSocket): void {
  const sent = () => {
    if (from.isPaused && to.bufferedAmount <= LOW_WATER_BYTES) from.resume();
  };
  from.on('message', (data, isBinary) => {
    // a message in several parts comes as an array only where binaryType asks for that
    to.send(data as Buffer, { binary: isBinary }, sent);
    if (to.bufferedAmount > HIGH_WATER_BYTES) from.pause();
  });
}

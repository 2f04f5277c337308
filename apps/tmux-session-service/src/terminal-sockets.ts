import { keepAlive } from '@pco/shared/service';
import { SECOND_MS } from '@pco/shared/time';
import type { Metrics } from './metrics.ts';

const PING_PERIOD_MS = 30 * SECOND_MS;

/** What we use of a `ws` socket. */
export interface ClientSocket {
  readonly bufferedAmount: number;
  send(text: string, sent: () => void): void;
  close(code: number, reason?: string): void;
  terminate(): void;
  ping(): void;
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown;
  on(event: 'close' | 'pong', listener: () => void): unknown;
  on(event: 'error', listener: (err: Error) => void): unknown;
}
export type TerminalSockets = ReturnType<typeof createTerminalSockets>;

/** Counts the sockets of terminals, live or replayed, and notices those whose browser is gone. */
export function createTerminalSockets(metrics: Metrics) {
  const sockets = new Set<ClientSocket>();
  metrics.watchBuffered(() => [...sockets].reduce((sum, { bufferedAmount }) => sum + bufferedAmount, 0));
  return {
    add(socket: ClientSocket, closed: () => void): void {
      const stopPings = keepAlive(socket, PING_PERIOD_MS);
      metrics.terminals.inc();
      sockets.add(socket);
      socket.on('close', () => {
        sockets.delete(socket);
        metrics.terminals.dec();
        stopPings();
        closed();
      });
    },
  };
}

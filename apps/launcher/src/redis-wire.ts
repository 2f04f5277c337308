import { connect } from 'node:net';

export type Answer = 'ours' | 'other' | 'nobody';

/**
 * Asks whoever listens there whether it is the Redis with our password. Inline commands need no client; the password
 * is random and lives in the data folder, so nobody else's Redis takes it. A Redis that still loads its file counts.
 */
export async function knock(port: number, password: string): Promise<Answer> {
  const text = await exchange(port, `AUTH ${password}\r\nPING\r\n`);
  if (text === undefined) return 'nobody';
  return /^\+OK\r\n(\+PONG|-LOADING)/.test(text) || text.startsWith('-LOADING') ? 'ours' : 'other';
}

/** Asks it to write its file and end. */
export const sendShutdown = (port: number, password: string): Promise<unknown> =>
  exchange(port, `AUTH ${password}\r\nSHUTDOWN\r\n`);

const PATIENCE_MS = 1_000;

function exchange(port: number, commands: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let text: string | undefined;
    const wanted = commands.split('\r\n').length - 1;
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.on('connect', () => {
      text = '';
      socket.write(commands);
    });
    socket.on('data', (chunk) => {
      text += chunk.toString();
      if ((text ?? '').split('\r\n').length - 1 >= wanted) socket.destroy();
    });
    socket.on('error', () => undefined); // `close` follows
    socket.on('close', () => resolve(text));
  });
}

import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { freePort } from '@pco/shared/testing/free-port';

/** Connections through it can be frozen: they stay open, and nothing comes through any more. */
export async function freezingProxy(target: { readonly host: string; readonly port: number }) {
  const upstreams = new Map<number, readonly [Socket, Socket]>();
  const server = createServer((near) => {
    const far = createConnection(target);
    far.once('connect', () => upstreams.set(far.localPort ?? 0, [near, far]));
    near.pipe(far).pipe(near);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const)
      one.on('error', () => undefined).on('close', () => other.destroy());
  });
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${port}`,
    /** @param localPort of the proxy, under which the server knows the connection */
    freeze(localPort: number): boolean {
      const pair = upstreams.get(localPort);
      for (const socket of pair ?? []) socket.unpipe().pause();
      return pair !== undefined;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of [...upstreams.values()].flat()) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

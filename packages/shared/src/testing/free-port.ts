import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

const HOST = '127.0.0.1';

/**
 * A port of the loopback that nobody listens on and that nobody else is given who asks here, in whatever process, until
 * this one ends. The kernel alone gives a port that was let go of again at random, every now and then to two services of
 * one test. None of ours speaks UDP: the same number there, held for as long as we live, is the mark that it is taken.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const probe = createServer().listen({ port: 0, host: HOST, exclusive: true });
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo; // a TCP server that listens has one
    const isOurs = await claim(port);
    probe.close();
    await once(probe, 'close');
    if (isOurs) return port;
  }
}

async function claim(port: number): Promise<boolean> {
  const mark = createSocket('udp4').unref();
  mark.bind({ port, address: HOST, exclusive: true });
  try {
    await once(mark, 'listening'); // rejects with its error
    return true;
  } catch {
    mark.close();
    return false;
  }
}

import { createServer } from 'node:net';

/** Whether we could listen there. Any other failure than "taken" (a foreign address, say) is the service's to report. */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (err) => resolve(!('code' in err && err.code === 'EADDRINUSE')));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** A port that nobody listens on at this moment. */
export function freePort(host = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen({ port: 0, host, exclusive: true }, () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

/** The wished port when it is free and not promised to another of ours, else some free one. */
export async function freePortNear(wish: number, promised: ReadonlySet<number>): Promise<number> {
  if (wish !== 0 && !promised.has(wish) && (await isFree(wish))) return wish;
  for (;;) {
    const port = await freePort();
    if (!promised.has(port)) return port;
  }
}

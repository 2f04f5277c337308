import { readConfig } from '@pco/shared/config';
import { createLogger } from '@pco/shared/log';
import { createHttp, listen } from '@pco/shared/service';
import { Redis } from 'ioredis';
import { addSecurityHeaders } from '../../apps/api/src/access/headers.ts';
import { addDashboard } from '../../apps/api/src/routes/dashboard.ts';

// What the dashboard is compared with: a page with nothing in it, served as the api serves its own, and told of what comes
// into a stream of Redis by nothing but Fastify. Arguments: port, folder of the page, stream.

const [, , port, folder, stream = ''] = process.argv;
const config = readConfig({ env: process.env, argv: [], cwd: process.cwd() });
const log = createLogger('bench', 'silent');
const app = createHttp({ log });
await addSecurityHeaders(app, config);
await addDashboard(app, { log, isKnown: () => false, ...(folder === undefined ? {} : { built: folder }) });
app.get('/told', (_request, reply) => {
  reply.hijack();
  reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  reply.raw.write(': here\n\n');
  void tell((words) => reply.raw.write(`data: ${words}\n\n`));
});

async function tell(say: (words: string) => void): Promise<never> {
  const client = new Redis(config.redis.url ?? '', { maxRetriesPerRequest: null });
  for (let last = '$'; ; ) {
    const answer = await client.xread('BLOCK', 0, 'STREAMS', stream, last);
    for (const [id, [, words = '']] of answer?.[0]?.[1] ?? []) {
      last = id;
      say(words);
    }
  }
}

await listen(app, { host: '127.0.0.1', port: Number(port) });
process.send?.('listening');
process.on('SIGTERM', () => process.exit(0));

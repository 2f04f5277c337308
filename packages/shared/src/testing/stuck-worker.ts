// A worker that takes a job and never ends it, for tests that kill it: `node stuck-worker.ts URL PREFIX`.
// Says `taken <job id>` on stdout; ends when its input does.
import { RunnerQueue } from '../contracts/index.ts';
import { createLogger } from '../log.ts';
import { createQueueMetrics, Registry } from '../metrics.ts';
import { createConsumer } from '../queue/index.ts';
import { connectRedis } from '../redis/index.ts';

const [url = '', prefix = '', queue = ''] = process.argv.slice(2);
process.stdin.on('end', () => process.exit()).resume();
const log = createLogger('stuck', 'silent');
const redis = await connectRedis({ url, prefix, patience: 'wait' }, log);
createConsumer({
  contract: RunnerQueue,
  queue,
  redis,
  concurrency: 1,
  timing: { lockDurationMs: 1_000, stalledIntervalMs: 500 },
  log,
  metrics: createQueueMetrics(new Registry()),
  handle: (_payload, { jobId }) => {
    process.stdout.write(`taken ${jobId}\n`);
    return new Promise(() => undefined);
  },
});

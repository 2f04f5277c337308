import assert from 'node:assert/strict';
import { FormData } from 'undici';
import { z } from 'zod';
import { until } from '../support/until.ts';
import type { ComposeStack } from './compose-stack.ts';

const Targets = z.object({
  data: z.object({
    activeTargets: z.array(
      z.object({ labels: z.object({ job: z.string() }), health: z.string(), lastError: z.string() }),
    ),
  }),
});
const JOBS = {
  'plane-orchestrator': 'api',
  'plane-poller': 'poller',
  'plane-session-worker': 'session-worker',
  'plane-writer': 'plane-writer',
  'tmux-session-service': 'tmux-session-service',
};

/** Prometheus as the compose file has it finds every replica, is let in, and has data for our own metrics. */
export async function everythingScraped(stack: ComposeStack): Promise<string> {
  await stack.compose('up', '--detach', '--no-build', '--no-deps', '--wait', 'prometheus');
  const ask = async (path: string): Promise<unknown> =>
    JSON.parse(
      await stack.compose('exec', '-T', 'prometheus', 'wget', '-q', '-O', '-', `http://127.0.0.1:9090/api/v1/${path}`),
    );
  const running = await replicas(stack);
  let seen: unknown;
  const targets = await until(
    `all are up: ${running.join(', ')}`,
    async () => {
      const { activeTargets } = Targets.parse(await ask('targets?state=active')).data;
      seen = activeTargets;
      const jobs = activeTargets.map(({ labels }) => labels.job).sort();
      return activeTargets.every(({ health }) => health === 'up') && jobs.join() === running.join() && activeTargets;
    },
    120_000,
  ).catch((err: unknown) => {
    throw new Error(`${String(err)}; ${JSON.stringify(seen)}`);
  });
  const query = 'query?query=plane_pending_tickets';
  await until('it has what the api tells', async () => JSON.stringify(await ask(query)).includes('"value"'));
  await stack.compose('rm', '--stop', '--force', 'prometheus');
  return `${targets.length} targets`;
}

/** The job of each container that has metrics. */
async function replicas(stack: ComposeStack): Promise<string[]> {
  const services = (await stack.compose('ps', '--format', '{{.Service}}')).split('\n');
  return services.flatMap((one) => Object.entries(JOBS).flatMap(([job, name]) => (name === one ? [job] : []))).sort();
}

/** The service of the profile whisper, through the api and through the proxy. */
export async function dictated(stack: ComposeStack): Promise<void> {
  assert.deepEqual((await stack.ask('GET', '/api/whisper/health')).status, 200);
  assert.equal(
    (await stack.ask('GET', '/api/whisper/health', undefined, { authorization: 'Bearer nobody' })).status,
    401,
  );
  const form = new FormData();
  form.set('file', new Blob([new Uint8Array(200_000)], { type: 'audio/webm' }), 'recording.webm');
  const { status, text } = await stack.send('/api/transcribe', form);
  assert.equal(status, 200, text);
  assert.match(text, /"text":"[^"]+"/);
}

import { createHmac } from 'node:crypto';
import { Agent, request } from 'undici';
import { until } from '../e2e/support/until.ts';
import { nowUs } from './hop-stamps.ts';
import { startBareHops } from './support/bare-hops.ts';
import { type LoopStack, startLoopStack } from './support/loop-stack.ts';
import type { Progress } from './support/progress.ts';
import type { Figure, Section } from './support/report.ts';
import { quantile } from './support/stats.ts';
import { watchFeed } from './support/watch-feed.ts';

const SECRET = 'plane_wh_bench_0123456789abcdef';
const HOPS = 10;
/** The emulator bumps `updated_at` a little after the change, as Plane does; nothing is under way after that. */
const SETTLE_MS = 150;
const WARM_UP = 5;

type SamplesUs = Record<'ours' | 'lookUps' | 'hops' | 'baseline', number[]>;

/**
 * A webhook about a new work item → its pending ticket, one at a time on an idle system, and in turn what the same
 * would cost at least: the two look-ups in Plane, and ten bare BullMQ hops.
 */
export async function measureWebhook(samples: number, progress: Progress): Promise<Section> {
  await using stack = new AsyncDisposableStack();
  progress.tick('webhook: starting');
  const config = { webhooks: { secrets: [SECRET] } };
  const loop = stack.use(await startLoopStack({ agent: 'no-op', slots: 1, projects: 1, config }));
  const feed = stack.use(watchFeed(loop));
  const bare = stack.use(await startBareHops(loop));
  const dispatcher = new Agent({ connections: 1 });
  stack.defer(() => dispatcher.close());
  const [project] = loop.projects;
  if (!project) throw new Error('the emulator has no project');
  await until('the project is watched', async () => (await loop.handle.client.exists(loop.handle.keys.projects)) === 1);
  const us: SamplesUs = { ours: [], lookUps: [], hops: [], baseline: [] };
  for (let i = -WARM_UP; i < samples; i += 1) {
    const { id, key } = await newItem(loop);
    await pause(SETTLE_MS);
    const url = `${loop.config.plane.api_url}/workspaces/${loop.config.plane.workspace_slug}/projects/${project.id}/work-items/${id}`;
    const asked = { dispatcher, headers: { 'x-api-key': loop.config.plane.api_token ?? '' } };
    const lookUpUs = await timed(async () => {
      for (const path of ['/?expand=state', '/comments/?per_page=100'])
        await (await request(url + path, asked)).body.text();
    });
    let hopUs = 0;
    for (let n = 0; n < HOPS; n += 1) hopUs += await bare.hop();
    const pending = feed.movesTo(key, 'pending');
    const from = nowUs();
    await deliver(loop, dispatcher, project.id, id);
    const ourUs = (await pending) - from;
    await pause(SETTLE_MS);
    if (i < 0) continue;
    us.ours.push(ourUs);
    us.lookUps.push(lookUpUs);
    us.hops.push(hopUs);
    us.baseline.push(lookUpUs + hopUs);
    progress.tick(`webhook: ${i + 1} of ${samples}`);
  }
  return report(us);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const from = nowUs();
  await work();
  return nowUs() - from;
}

/** A person plans a work item. */
async function newItem({ planeUrl, projects }: LoopStack): Promise<{ id: string; key: string }> {
  const body = JSON.stringify({ project: projects[0]?.identifier, name: 'bench', state: 'Todo' });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${planeUrl}/__control/items`, { method: 'POST', headers, body });
  return (await answer.json()) as { id: string; key: string }; // the emulator's own envelope
}

/** As Plane sends it. */
async function deliver({ apiUrl }: LoopStack, dispatcher: Agent, projectId: string, id: string): Promise<void> {
  const data = { id, project: projectId, updated_at: new Date().toISOString(), description_html: '<p>x</p>' };
  const activity = { field: null, actor: { id: crypto.randomUUID() } };
  const body = JSON.stringify({ event: 'issue', action: 'created', webhook_id: 'bench', data, activity });
  const { statusCode, body: answer } = await request(`${apiUrl}/webhooks/plane`, {
    method: 'POST',
    dispatcher,
    headers: {
      'content-type': 'application/json',
      'x-plane-delivery': crypto.randomUUID(),
      'x-plane-event': 'issue',
      'x-plane-signature': createHmac('sha256', SECRET).update(body).digest('hex'),
    },
    body,
  });
  const text = await answer.text();
  if (statusCode !== 200 || !text.includes('queued'))
    throw new Error(`the webhook was answered ${statusCode}: ${text}`);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function report(us: SamplesUs): Section {
  const ms = (sample: readonly number[], share: number) => quantile(sample, share) / 1_000;
  const note = `${us.ours.length} samples`;
  const part = (name: string, sample: readonly number[]): Figure[] => [
    { name: `${name} p50`, value: ms(sample, 0.5), unit: 'ms', note },
    { name: `${name} p99`, value: ms(sample, 0.99), unit: 'ms' },
  ];
  const [base50, base99] = [ms(us.baseline, 0.5), ms(us.baseline, 0.99)];
  const [p50, p99] = [ms(us.ours, 0.5), ms(us.ours, 0.99)];
  return {
    title: 'Webhook, nothing else under way',
    about: [
      'Ours: from sending the webhook to the entry of the feed that says its work item has a pending ticket. Baseline: the',
      `two look-ups in Plane that it needs (work item, comments) and ${HOPS} bare BullMQ hops, one after the other, in turn.`,
    ],
    figures: [
      ...part('two look-ups', us.lookUps),
      ...part(`${HOPS} bare hops`, us.hops),
      { name: 'baseline p50', value: base50, unit: 'ms', note: 'both, sample by sample' },
      { name: 'baseline p99', value: base99, unit: 'ms' },
      { name: 'webhook → pending p50', value: p50, unit: 'ms', ratio: p50 / base50, note },
      { name: 'webhook → pending p99', value: p99, unit: 'ms', ratio: p99 / base99, target: { below: base99 } },
    ],
  };
}

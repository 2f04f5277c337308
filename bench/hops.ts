import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConfigInput, readConfig } from '@pco/shared/config';
import type { TicketEventInput } from '@pco/shared/domain';
import { openCore } from '@pco/shared/engine';
import { createLogger } from '@pco/shared/log';
import { createQueues } from '@pco/shared/queue';
import { createKeys } from '@pco/shared/redis';
import { Redis } from 'ioredis';
import { stringify } from 'yaml';
import { startRedisUnderTest } from '../e2e/support/redis-under-test.ts';
import { until } from '../e2e/support/until.ts';
import { BARE_PREFIX, BARE_QUEUE, type HopReport, nowUs, stampedApply } from './hop-stamps.ts';
import { nextMessage, startChild } from './support/child.ts';
import type { Progress } from './support/progress.ts';
import type { Figure, Section } from './support/report.ts';
import { quantile } from './support/stats.ts';

const BARE_PER_TICKET = 8; // as many as the hops of a ticket
const GAP_MS = 4;

/** One ticket at a time through the whole life, and in turn as many jobs through a bare queue on the same Redis. */
export async function measureHops(tickets: number, progress: Progress): Promise<Section> {
  await using stack = new AsyncDisposableStack();
  const dir = mkdtempSync(join(tmpdir(), 'pco-bench-hops-'));
  stack.defer(() => rmSync(dir, { recursive: true, force: true }));
  const { url } = stack.use(await startRedisUnderTest(join(dir, 'redis')));
  const configFile = join(dir, 'config.yaml');
  const input: ConfigInput = {
    plane: { api_url: 'http://127.0.0.1:9/api/v1', api_token: 'none', workspace_slug: 'none', project_ids: ['none'] },
    redis: { url, prefix: 'hops' },
    automation: { keep_minutes: 0 },
    data_dir: join(dir, 'data'),
  };
  writeFileSync(configFile, stringify(input));
  const env = { ...process.env, PCO_CONFIG: configFile };
  const consumer = stack.use(
    startChild({ name: 'hop-consumer', script: 'bench/programs/hop-consumer.ts', env, logFile: join(dir, 'hops.log') }),
  );
  await nextMessage(consumer);

  const committedAt = new Map<string, { at: number; family: string }>();
  const begunAt = new Map<string, number>();
  const begun: { type: string; id: string }[] = [];
  const hear = (report: HopReport) => {
    if ('committed' in report)
      for (const { effectId, family } of report.committed) committedAt.set(effectId, { at: report.at, family });
    else {
      begunAt.set(report.begun, report.at);
      begun.push({ type: report.type, id: report.begun });
    }
  };
  consumer.process.on('message', (report) => hear(report as HopReport)); // our own program
  const log = createLogger('bench', 'silent');
  const core = stack.use(await openCore(readConfig({ env, argv: [], cwd: dir }), log, 'wait'));
  const apply = stampedApply(core, log, hear);
  const client = new Redis(url, { maxRetriesPerRequest: null });
  stack.defer(() => client.disconnect());
  const bareHandle = {
    client,
    keys: createKeys(BARE_PREFIX),
    prefix: BARE_PREFIX,
    [Symbol.asyncDispose]: async () => {},
  };
  const bareQueue = stack.use(createQueues(bareHandle)).get(BARE_QUEUE);

  const bareUs: number[] = [];
  for (let i = 0; i < tickets; i += 1) {
    const id = `BENCH-${i + 1}`;
    begun.length = 0;
    for (const [event, types] of lifeOf(id)) {
      await apply({ id: `${id}-${event.type}`, ticketId: id, cid: 'hops', ...event } as TicketEventInput); // completed by its head
      for (const type of types) await until(`${type} of ${id}`, () => begun.some((one) => one.type === type), 20_000);
      await until(`outcomes of ${id}`, async () => hasNothingUnderWay(await core.store.load(id)), 20_000);
      await gap();
    }
    for (let n = 0; n < BARE_PER_TICKET; n += 1) {
      const jobId = `bare-${i}-${n}`;
      const from = nowUs();
      await bareQueue.add('bare', { ticketId: id, effectId: jobId, cid: 'hops' }, { jobId });
      await until(jobId, () => begunAt.has(jobId), 20_000);
      bareUs.push((begunAt.get(jobId) ?? 0) - from);
      await gap();
    }
    progress.tick(`hops: ticket ${i + 1} of ${tickets}`);
  }
  const samples = new Map<string, number[]>();
  for (const [effectId, { at, family }] of committedAt) {
    const end = begunAt.get(effectId);
    if (end === undefined) continue;
    samples.set(family, [...(samples.get(family) ?? []), end - at]);
  }
  return report(bareUs, samples);
}

const gap = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, GAP_MS));

const hasNothingUnderWay = ({ ticket }: { ticket: { open: Record<string, { type: string }> } | null }): boolean =>
  Object.values(ticket?.open ?? {}).every(({ type }) => type === 'timer');

/** What is said to a ticket from outside, and the effects whose begin shows that the rest has followed by itself. */
function lifeOf(id: string): (readonly [{ type: string } & Record<string, unknown>, readonly string[]])[] {
  const workItem = { uuid: crypto.randomUUID(), projectId: 'none', project: 'BENCH', title: id, stateId: null };
  const said = { sessionId: `claude-${id}`, summary: 'Nothing was done.', channel: 'spool' };
  return [
    [{ type: 'trigger.seen', workItem, trigger: { type: 'new_ticket' }, description: '' }, ['notify']],
    [{ type: 'person.approved', by: 'bench' }, ['session.assign', 'session.start']],
    [{ type: 'completion.signalled', ...said }, ['completion.collect', 'session.stop']],
    [{ type: 'person.update_approved', by: 'bench' }, ['plane.comment', 'plane.state']],
  ];
}

function report(bareUs: readonly number[], samples: ReadonlyMap<string, number[]>): Section {
  const ms = (us: readonly number[], share: number) => quantile(us, share) / 1_000;
  const [bare50, bare99] = [ms(bareUs, 0.5), ms(bareUs, 0.99)];
  const figures: Figure[] = [
    { name: 'baseline, bare BullMQ p50', value: bare50, unit: 'ms', note: `${bareUs.length} samples` },
    { name: 'baseline, bare BullMQ p99', value: bare99, unit: 'ms' },
  ];
  for (const [family, us] of samples) {
    const [p50, p99] = [ms(us, 0.5), ms(us, 0.99)];
    const note = `${us.length} samples`;
    figures.push(
      { name: `${family} p50`, value: p50, unit: 'ms', ratio: p50 / bare50, note },
      { name: `${family} p99`, value: p99, unit: 'ms', ratio: p99 / bare99 },
    );
  }
  return {
    title: 'Hops, nothing else under way',
    about: [
      'Ours: from the answer of the commit that opens an effect to the begin of its handler, so adding the job, taking',
      'it and reading the ticket are in it. Bare: from calling Queue.add to the begin of a worker that does nothing.',
    ],
    figures,
  };
}

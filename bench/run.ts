import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureApi } from './api.ts';
import { measureDashboard } from './dashboard.ts';
import { measureHops } from './hops.ts';
import { measureOneSession } from './one-session.ts';
import { measureRealSessions } from './real-sessions.ts';
import { measureReplicas } from './replicas.ts';
import { measureStartAndIdle } from './start-and-idle.ts';
import { createProgress } from './support/progress.ts';
import { isMet, renderSection, type Section } from './support/report.ts';
import { measureTerminals } from './terminals.ts';
import { measureThroughput } from './throughput.ts';
import { measureWebhook } from './webhook.ts';

const USAGE = `usage: npm run bench -- [options]

  --quick        a smaller sample, under a minute, not for quoting
  --only NAMES   some of loop,replicas,sessions,session,hops,webhook,terminals,dashboard,api,start (comma-separated)
  --json         the result as JSON on stdout instead of the tables

Results are also kept as bench/results/<date>.json. A missed target is marked and never fails the run.
`;
const PARTS = [
  'loop',
  'replicas',
  'sessions',
  'session',
  'hops',
  'webhook',
  'terminals',
  'dashboard',
  'api',
  'start',
] as const;
type Part = (typeof PARTS)[number];

/** Sizes of the samples. */
const FULL = {
  perProject: 300,
  rounds: 3,
  sessions: 60,
  single: 60,
  hops: 120,
  webhooks: 300,
  starts: 3,
  idleMs: 25_000,
  keys: 500,
  terminals: 200,
  reconnects: 1_000,
  calls: 1_000,
  loadMs: 4_000,
  visits: 60,
  changes: 40,
  floodMb: 20,
};
const QUICK: typeof FULL = {
  perProject: 20,
  rounds: 1,
  sessions: 0,
  single: 4,
  hops: 8,
  webhooks: 20,
  starts: 1,
  idleMs: 8_000,
  keys: 100,
  terminals: 10,
  reconnects: 50,
  calls: 200,
  loadMs: 1_000,
  visits: 3,
  changes: 5,
  floodMb: 2,
};

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const asked = values.only?.split(',') ?? PARTS;
if (values.help || asked.some((name) => !PARTS.includes(name as Part))) {
  process.stdout.write(USAGE);
  process.exit(values.help ? 0 : 2);
}
const wants = (part: Part): boolean => asked.includes(part);
const size = values.quick ? QUICK : FULL;
const progress = createProgress(process.stderr);
const sections: Section[] = [];

// The quiet parts first: nothing of ours is left over then that they would measure.
if (wants('start')) sections.push(...(await measureStartAndIdle({ ...size, progress })));
if (wants('hops')) {
  sections.push(await measureHops(size.hops, progress));
  progress.say(`hops: ${size.hops} tickets done`);
}
if (wants('session')) {
  sections.push(...(await measureOneSession(size.single, progress)));
  progress.say(`session: ${size.single} starts and completions done`);
}
if (wants('webhook')) {
  sections.push(await measureWebhook(size.webhooks, progress));
  progress.say(`webhook: ${size.webhooks} deliveries done`);
}
if (wants('terminals')) sections.push(await measureTerminals(size, progress));
if (wants('dashboard')) sections.push(...(await measureDashboard({ ...size, progress })));
if (wants('api')) sections.push(...(await measureApi({ ...size, progress })));
if (wants('loop')) sections.unshift(...(await measureThroughput({ ...size, progress })));
if (wants('replicas')) sections.push(await measureReplicas({ ...size, progress }));
if (wants('sessions') && size.sessions > 0) sections.push(await measureRealSessions(size.sessions, progress));

const date = new Date().toISOString();
const result = {
  date,
  quick: values.quick,
  host: {
    cpus: cpus().length,
    model: cpus()[0]?.model,
    node: process.version,
    redis: execFileSync('redis-server', ['--version'], { encoding: 'utf8' }).trim(),
    load: loadavg().map((value) => Number(value.toFixed(2))),
  },
  sections: sections.map(({ figures, ...rest }) => ({
    ...rest,
    figures: figures.map((figure) => ({ ...figure, met: isMet(figure) })),
  })),
};
const folder = join(import.meta.dirname, 'results');
mkdirSync(folder, { recursive: true });
const file = join(folder, `${date.replaceAll(':', '-').slice(0, 19)}.json`);
writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
else {
  const { cpus: count, model, load } = result.host;
  process.stdout.write(`${sections.map(renderSection).join('\n')}\n\n${count} × ${model}, load ${load.join(' ')}\n`);
  process.stdout.write(`kept as ${file}\n`);
}
process.exit(0); // connections of a measurement that was cut short must not hold us

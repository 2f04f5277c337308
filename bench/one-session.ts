import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../e2e/support/until.ts';
import { nowUs } from './hop-stamps.ts';
import { startBareHops } from './support/bare-hops.ts';
import { type LoopStack, startLoopStack } from './support/loop-stack.ts';
import type { Progress } from './support/progress.ts';
import type { Figure, Section } from './support/report.ts';
import { quantile } from './support/stats.ts';
import { watchFeed } from './support/watch-feed.ts';

const run = promisify(execFile);
const HOPS = 10;
const WARM_UP = 2;
const ON_TOP_BELOW_MS = 250;
const AGENT = 'stamping-agent.sh';
const PROGRAM = join(import.meta.dirname, 'programs', AGENT);

type SamplesUs = Record<'plain' | 'start' | 'onTop' | 'hops' | 'signal', number[]>;

/**
 * One session at a time: from a person's approval until the agent's process runs, and from its completion file until its
 * ticket is completed; in turn with what plain git and tmux, and bare BullMQ, do.
 */
export async function measureOneSession(samples: number, progress: Progress): Promise<Section[]> {
  await using stack = new AsyncDisposableStack();
  progress.tick('session: starting');
  const loop = stack.use(await startLoopStack({ agent: 'real', slots: 4, projects: 1, program: AGENT }));
  const feed = stack.use(watchFeed(loop));
  const bare = stack.use(await startBareHops(loop));
  const plain = stack.use(plainStarts(loop));
  const us: SamplesUs = { plain: [], start: [], onTop: [], hops: [], signal: [] };
  const ids = await loop.createItems(WARM_UP + samples);
  await loop.poll();
  await until('every ticket is there', async () => (await loop.store.counts()).pending === ids.length);
  for (const [i, id] of ids.entries()) {
    const plainUs = await plain.start();
    const isActive = feed.movesTo(id, 'active');
    const from = epochUs();
    await fetch(`${loop.apiUrl}/api/approve/${id}?wait=0`, { method: 'POST' });
    const startUs = (await stampIn(join(loop.config.data_dir, 'sessions', `claude-${id}`))) - from;
    await isActive;
    let hopUs = 0;
    for (let n = 0; n < HOPS; n += 1) hopUs += await bare.hop();
    const completed = feed.movesTo(id, 'completed');
    const signalled = complete(loop, id);
    const signalUs = (await completed) - signalled;
    await until(
      'its session has ended',
      async () => (await loop.store.load(id)).ticket?.session?.endedAt !== undefined,
    );
    if (i < WARM_UP) continue;
    us.plain.push(plainUs);
    us.start.push(startUs);
    us.onTop.push(startUs - plainUs);
    us.hops.push(hopUs);
    us.signal.push(signalUs);
    progress.tick(`session: ${i + 1 - WARM_UP} of ${samples}`);
  }
  return report(us);
}

/** As the agent's own clock has it: it is another process, whose moments count from the epoch. */
const epochUs = (): number => (performance.timeOrigin + performance.now()) * 1_000;

/** The moment that the agent noted, in µs since the epoch. */
const stampIn = async (dir: string): Promise<number> => {
  const file = join(dir, 'running');
  const text = await until(`${file} is written`, () => existsSync(file) && readFileSync(file, 'utf8'));
  return Number(text) * 1_000_000;
};

/** Does what `complete-ticket` does; its own start is not what is measured. */
function complete({ config }: LoopStack, id: string): number {
  const spool = join(config.data_dir, 'spool');
  const temporary = join(spool, `.${id}`);
  writeFileSync(temporary, `Nothing was done for ${id}.`);
  const from = nowUs();
  renameSync(temporary, join(spool, `completion-claude-${id}.txt`));
  return from;
}

/** The same program, begun by plain commands in a worktree of the same repository. */
function plainStarts({ dir, repo }: LoopStack) {
  const socket = `pco-bench-plain-${process.pid}`;
  let count = 0;
  return {
    async start(): Promise<number> {
      count += 1;
      const own = join(dir, 'plain', String(count));
      mkdirSync(own, { recursive: true });
      const path = join(own, 'worktree');
      const from = epochUs();
      await run('git', ['worktree', 'add', '--no-track', '-b', `plain/${count}`, path, 'HEAD'], { cwd: repo });
      const named = ['-s', `s${count}`, '-c', path, '-e', `PCO_SESSION_DIR=${own}`];
      await run('tmux', ['-L', socket, 'new-session', '-d', ...named, PROGRAM]);
      return (await stampIn(own)) - from;
    },
    async [Symbol.asyncDispose]() {
      await run('tmux', ['-L', socket, 'kill-server']).catch(() => undefined);
    },
  };
}

function report(us: SamplesUs): Section[] {
  const ms = (sample: readonly number[], share: number) => quantile(sample, share) / 1_000;
  const note = `${us.plain.length} samples`;
  const part = (name: string, sample: readonly number[], shares: readonly number[], more: Partial<Figure> = {}) =>
    shares.map((share) => ({ name: `${name} p${share * 100}`, value: ms(sample, share), unit: 'ms', note, ...more }));
  const bare99 = ms(us.hops, 0.99);
  return [
    {
      title: 'One start, nothing else under way',
      about: [
        'From sending the approval to the moment that the agent itself notes. Baseline: `git worktree add` and `tmux',
        'new-session` by plain commands until the same program notes it, in the same repository, in turn: it says how',
        'quick this machine is just now. On top: sample by sample.',
      ],
      figures: [
        ...part('baseline, plain start', us.plain, [0.5, 0.95]),
        ...part('approve → agent runs', us.start, [0.5, 0.95]),
        ...part('on top of the baseline', us.onTop, [0.5, 0.95], { target: { below: ON_TOP_BELOW_MS } }),
      ],
    },
    {
      title: 'One completion, nothing else under way',
      about: [
        'From the rename of the completion file to the entry of the feed that says that its ticket is completed.',
        `Baseline: ${HOPS} bare BullMQ hops, one after the other, in turn.`,
      ],
      figures: [
        ...part(`baseline, ${HOPS} bare hops`, us.hops, [0.5, 0.99]),
        ...part('signal → completed', us.signal, [0.5]),
        ...part('signal → completed', us.signal, [0.99], {
          target: { below: bare99 },
          ratio: ms(us.signal, 0.99) / bare99,
        }),
      ],
    },
  ];
}

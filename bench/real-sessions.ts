import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runLoop } from './loop.ts';
import { startLoopStack } from './support/loop-stack.ts';
import { peopleOverApi } from './support/people.ts';
import type { Progress } from './support/progress.ts';
import type { Section } from './support/report.ts';

const run = promisify(execFile);
const WINDOW = 8;
const PAIRS = 40;

/** The loop with real tmux sessions and git worktrees, beside what git and tmux do by themselves. */
export async function measureRealSessions(tickets: number, progress: Progress): Promise<Section> {
  await using stack = new AsyncDisposableStack();
  progress.tick('starting the loop with tmux and git');
  const loop = stack.use(await startLoopStack({ agent: 'real', slots: WINDOW * 2, projects: 1 }));
  const people = stack.use(peopleOverApi(loop, WINDOW));
  const base = { window: WINDOW, people, intakeFirst: false };
  await runLoop(loop, { ...base, perProject: WINDOW, progress: () => undefined }); // warming up
  const before = await plainRates(loop.dir, loop.repo, 'before');
  const round = await runLoop(loop, {
    ...base,
    perProject: tickets,
    progress: (done, all) => progress.tick(`real sessions: ${done} of ${all} tickets done`),
  });
  const after = await plainRates(loop.dir, loop.repo, 'after');
  const mean = (name: keyof Rates) => (before[name] + after[name]) / 2;
  const perSecond = round.ticketsPerSecond;
  progress.say(
    `real sessions: ${perSecond.toFixed(1)} tickets/s, plain ${mean('both').toFixed(1)} worktree + session /s`,
  );
  return {
    title: 'Loop with real tmux sessions and git worktrees',
    about: [
      'The whole loop over the api with an agent that completes at once. Baseline: `git worktree add` and then `tmux',
      'new-session`, one pair after the other by plain commands, in the same repository, measured before and after.',
    ],
    figures: [
      {
        name: 'tickets',
        value: perSecond,
        unit: '/s',
        ratio: perSecond / mean('both'),
        note: `${round.tickets} tickets`,
      },
      { name: 'baseline, worktree + session', value: mean('both'), unit: '/s' },
      { name: 'plain git worktree add', value: mean('git'), unit: '/s' },
      { name: 'plain tmux new-session', value: mean('tmux'), unit: '/s' },
      { name: 'ticket from approval to done, p50', value: round.p50Ms, unit: 'ms' },
    ],
  };
}

interface Rates {
  readonly git: number;
  readonly tmux: number;
  readonly both: number;
}

async function plainRates(dir: string, repo: string, name: string): Promise<Rates> {
  const socket = `pco-bench-plain-${process.pid}`;
  let [gitMs, tmuxMs] = [0, 0];
  try {
    for (let i = 0; i < PAIRS; i += 1) {
      const path = join(dir, 'plain', `${name}-${i}`);
      const from = performance.now();
      await run('git', ['worktree', 'add', '--no-track', '-b', `plain/${name}-${i}`, path, 'HEAD'], { cwd: repo });
      const between = performance.now();
      await run('tmux', ['-L', socket, 'new-session', '-d', '-s', `s-${i}`, '-c', path, 'sleep 600']);
      gitMs += between - from;
      tmuxMs += performance.now() - between;
    }
  } finally {
    await run('tmux', ['-L', socket, 'kill-server']).catch(() => undefined);
  }
  const rate = (ms: number) => (PAIRS * 1_000) / ms;
  return { git: rate(gitMs), tmux: rate(tmuxMs), both: rate(gitMs + tmuxMs) };
}

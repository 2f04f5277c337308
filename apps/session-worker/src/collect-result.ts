import { existsSync } from 'node:fs';
import type { EffectHandler, EffectResult } from '@pco/shared/engine';
import { git } from './git.ts';
import type { Host } from './host.ts';
import { readResult } from './usage/meter.ts';

/** Longer ones do not fit into a ticket, and nobody reads them. */
const BRANCH_MAX = 255;

/** Looks at what a completed session left in its worktree. Only reads. */
export const createCollectResult =
  (host: Host): EffectHandler =>
  async ({ ticket, effect, signal }) => {
    const { files } = host;
    const meta = effect.args.sessionId ? await files(effect.args.sessionId).readMeta() : null;
    const { approvedAt, completedAt } = ticket;
    const duration = approvedAt && completedAt ? { durationMs: completedAt - approvedAt } : {};
    const usage = readResult(host, meta);
    if (!meta || !existsSync(meta.worktree)) return { ...duration, ...usage };
    const count = async (...range: string[]) =>
      Number(await git(meta.worktree, ['rev-list', '--count', ...range], signal));
    const [commits, unpushed, status, diff, branch] = await Promise.all([
      count(`${meta.base}..HEAD`),
      count(`${meta.base}..HEAD`, '--not', '--remotes'),
      git(meta.worktree, ['status', '--porcelain'], signal),
      git(meta.worktree, ['diff', '--shortstat', meta.base, 'HEAD'], signal),
      // an agent may have gone to another one, or to none
      git(meta.worktree, ['symbolic-ref', '--short', '-q', 'HEAD'], signal).catch(() => undefined),
    ]);
    const uncommitted = status === '' ? 0 : status.split('\n').length;
    return {
      ...duration,
      ...usage,
      commits,
      unpushed,
      uncommitted,
      diff: diff || 'no changes',
      ...(branch && branch.length <= BRANCH_MAX ? { branch } : {}),
    } satisfies EffectResult;
  };

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** ms that plain `git worktree add` and `tmux new-session` take together, several times: what any start costs here and now. */
export async function plainStarts(repo: string, times: number): Promise<number[]> {
  const dir = mkdtempSync(join(tmpdir(), 'pco-plain-'));
  const env = { ...process.env, TMUX_TMPDIR: dir };
  const tmux = (...args: string[]) => run('tmux', ['-L', 'plain', ...args], { env });
  const taken: number[] = [];
  try {
    for (let i = 0; i < times; i += 1) {
      const path = join(dir, `w${i}`);
      const from = performance.now();
      await run('git', ['worktree', 'add', '--no-track', '-b', `${dir.split('/').at(-1)}/${i}`, path, 'HEAD'], {
        cwd: repo,
      });
      await tmux('new-session', '-d', '-s', `s${i}`, '-c', path, 'sleep 600');
      taken.push(performance.now() - from);
    }
    return taken;
  } finally {
    await tmux('kill-server').catch(() => undefined);
    rmSync(dir, { recursive: true, force: true });
    await run('git', ['worktree', 'prune'], { cwd: repo });
  }
}

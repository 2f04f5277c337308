import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@pco/shared/errors';
import { pause, SECOND_MS } from '@pco/shared/time';
import type { Host } from './host.ts';

const PROGRAM = join(import.meta.dirname, 'end-processes.ts');
const LOOK_MS = 50;
/** Beyond the grace: it has to start, to kill, and to wait for the launcher's note. */
const PATIENCE_MS = 15 * SECOND_MS;

/**
 * Ends the processes of a session that runs in another container, where their numbers mean something: by our own
 * program, which its tmux starts there and which leaves its result in the session's folder.
 *
 * @returns how many did not end when asked to
 * @throws AppError TMUX_UNAVAILABLE; a repeat finds done what was done
 */
export async function endElsewhere(host: Host, sessionId: string, graceMs: number, signal: AbortSignal) {
  const { dir } = host.files(sessionId);
  const result = join(dir, `ended-${crypto.randomUUID()}`);
  await host.sessions.runBeside([process.execPath, PROGRAM, dir, String(graceMs), result]);
  try {
    for (const deadline = performance.now() + graceMs + PATIENCE_MS; !existsSync(result); ) {
      if (performance.now() > deadline)
        throw new AppError('TMUX_UNAVAILABLE', { why: `nothing was heard of ending the processes of ${sessionId}` });
      await pause(LOOK_MS, signal);
    }
    return Number(readFileSync(result, 'utf8')) || 0;
  } finally {
    rmSync(result, { force: true });
  }
}

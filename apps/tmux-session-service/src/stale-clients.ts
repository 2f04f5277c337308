import { readFileSync } from 'node:fs';
import { messageOf } from '@pco/shared/errors';
import type { Logger } from '@pco/shared/log';
import type { Connection } from './control-client.ts';

/**
 * Ends control clients that services before us have left when they were killed. tmux lets go of a client only when all
 * that it printed has been read (3.3a), and of those nobody reads: they would stay for ever, and the server, told to
 * end, would wait for them.
 */
export async function endStaleClients(connection: Connection, session: string, log: Logger): Promise<void> {
  try {
    const [pids = ''] = await connection.run([['list-clients', '-t', `=${session}`, '-F', '#{client_pid}']]);
    const above = ancestors(process.pid);
    for (const pid of pids.split('\n').map(Number)) {
      // the parent of an orphan is whoever takes in ours as well; another service that lives is no ancestor of us
      const isOrphan = pid > 0 && pid !== connection.pid && above.has(parentOf(pid) ?? -1);
      if (!isOrphan) continue;
      process.kill(pid, 'SIGKILL');
      log.info({ pid }, 'control client of an earlier service ended');
    }
  } catch (err) {
    log.debug({ why: messageOf(err) }, 'stale control clients could not be looked for'); // they only cost memory
  }
}

function ancestors(pid: number): ReadonlySet<number> {
  const found = new Set([pid]);
  for (let at = parentOf(pid); at !== undefined && at > 0; at = parentOf(at)) found.add(at);
  return found;
}

/** undefined when there is no such process, or this is no Linux. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

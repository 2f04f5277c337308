import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { WRITER_FILE } from './segments.ts';

/**
 * What the writer of a recording does. Asleep (`idle`) it waits for input, and then there is none left in the pipe.
 * undefined: it has not begun, this is no Linux, or it runs in another container, out of our sight.
 */
export function writerState(folder: string): 'idle' | 'busy' | 'gone' | undefined {
  try {
    const [number, namespace = ''] = readFileSync(join(folder, WRITER_FILE), 'utf8').trim().split(' ');
    const pid = Number(number);
    if (namespace !== '' && namespace !== readlinkSync('/proc/self/ns/pid')) return undefined;
    if (!isAlive(pid)) return 'gone';
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('S') ? 'idle' : 'busy';
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (err) {
    return (err as NodeJS.ErrnoException).code === 'EPERM'; // kill(2): somebody else's, so alive
  }
}

import { renameSync, writeFileSync } from 'node:fs';
import { endProcesses, killProcesses } from './processes.ts';

// Ends the processes of a session where they run: end-processes.ts SESSION_DIR GRACE_MS RESULT_FILE

const [sessionDir, graceMs, result] = process.argv.slice(2);
if (!sessionDir || !graceMs || !result) {
  process.stderr.write('It is started by the session-worker, for sessions in another container.\n');
  process.exit(1);
}
const { signal } = new AbortController();
const killed = await endProcesses(sessionDir, Number(graceMs), signal);
await killProcesses(sessionDir, 'everybody', signal); // the launcher too: with it the terminal goes
writeFileSync(`${result}.part`, `${killed}\n`, { mode: 0o600 });
renameSync(`${result}.part`, result);

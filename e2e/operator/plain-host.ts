import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../support/until.ts';
import type { Clock } from './clock.ts';
import { approveInBrowser } from './in-browser.ts';
import { commandsOf } from './readme-commands.ts';

/** `npm start` of the README in a fresh clone. */
export async function onPlainHost(clone: string, env: NodeJS.ProcessEnv, clock: Clock): Promise<void> {
  const sockets = join(clone, '../tmux');
  mkdirSync(sockets, { mode: 0o700 });
  const commands = commandsOf(clone, 'Try it in two minutes', 'sh');
  const log = join(clone, 'start.log'); // so named by the README
  // as a shell in which somebody goes on to work
  const shell = spawn('bash', ['-ec', `${commands}\necho; echo done-by-the-readme\nwait`], {
    cwd: clone,
    env: { ...env, TMUX_TMPDIR: sockets },
    detached: true, // a group of its own, to be ended with all that it started
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  shell.stdout.on('data', (chunk) => {
    said += String(chunk);
  });
  try {
    await clock.step('npm start', () =>
      until(
        'the first commands of the README have run',
        () => said.includes('done-by-the-readme') || (shell.exitCode !== null && failed(said, log)),
        400_000,
      ),
    );
    const address = /^dashboard (\S+)/m.exec(readFileSync(log, 'utf8'))?.[1];
    if (address === undefined) throw new Error(`npm start printed no address of the dashboard: ${tail(log)}`);
    await approveInBrowser(address, clock);
  } finally {
    if (shell.pid !== undefined && shell.exitCode === null) process.kill(-shell.pid, 'SIGTERM');
    await until('all has stopped', () => shell.exitCode !== null || shell.signalCode !== null);
    await until('npm start has said so', () => !existsSync(log) || /^stopped/m.test(readFileSync(log, 'utf8')), 30_000);
    for (const socket of readdirSync(sockets, { recursive: true, withFileTypes: true }))
      if (socket.isSocket()) endTmux(join(socket.parentPath, socket.name));
  }
}

function failed(said: string, log: string): never {
  throw new Error(`the first commands of the README failed: ${said} ${tail(log)}`);
}
const tail = (log: string): string => (existsSync(log) ? readFileSync(log, 'utf8').slice(-2_000) : 'no start.log');

/** Agents' terminals outlive `npm start`. */
function endTmux(socket: string): void {
  try {
    execFileSync('tmux', ['-S', socket, 'kill-server'], { stdio: 'ignore' });
  } catch {
    // it had ended by itself
  }
}

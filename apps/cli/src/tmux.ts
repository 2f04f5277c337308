import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TicketId } from '@pco/shared/domain';
import { iso } from '@pco/shared/time';
import { CliFailure, EXIT } from './failure.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface TmuxSession {
  readonly socket: string;
  readonly session: string;
  readonly since: string;
}

/** Where the terminal service's own connection lives: nobody's session. */
const CONTROL_SESSION = '_pco-control';

/** Every session of this user on this host, oldest first. */
export function tmuxSessions(env: Environment): TmuxSession[] {
  const found = socketsOf(env).flatMap((socket) => {
    const format = '#{session_created} #{session_name}';
    const { stdout, error } = spawnSync('tmux', ['-N', '-L', socket, 'list-sessions', '-F', format], {
      encoding: 'utf8',
      env,
    });
    if (error) throw notThere(error);
    return stdout.split('\n').flatMap((line) => {
      const [, created, session] = /^(\d+) (.+)$/.exec(line) ?? [];
      return session === undefined || session === CONTROL_SESSION
        ? []
        : [{ socket, session, created: Number(created) }];
    });
  });
  return found
    .sort((a, b) => a.created - b.created)
    .map(({ socket, session, created }) => ({ socket, session, since: iso(created * 1000) }));
}

/** The session itself, or the latest one of that ticket: `claude-ACME-16`, then `claude-ACME-16-2`. */
export function findSession(sessions: readonly TmuxSession[], name: string): TmuxSession | undefined {
  const exact = sessions.findLast(({ session }) => session === name);
  if (exact) return exact;
  if (!TicketId.safeParse(name).success) return undefined;
  const ofTicket = new RegExp(`-${name}(?:-(\\d+))?$`);
  const ranked = sessions.flatMap((each) => {
    const match = ofTicket.exec(each.session);
    return match ? [{ each, number: Number(match[1] ?? 1) }] : [];
  });
  return ranked.sort((a, b) => a.number - b.number).at(-1)?.each;
}

/** Hands the terminal to tmux until its client is left. */
export function showSession({ socket, session }: TmuxSession, isView: boolean, env: Environment): void {
  const flags = isView ? 'ignore-size,read-only' : 'ignore-size';
  const { TMUX: _, ...outside } = env; // inside another tmux its client refuses to nest unless told so
  const args = ['-u', '-L', socket, 'attach-session', '-f', flags, '-t', `=${session}:`];
  const { status, error } = spawnSync('tmux', args, { stdio: 'inherit', env: outside });
  if (error) throw notThere(error);
  if (status !== 0) throw new CliFailure(EXIT.failed, `tmux ended with ${status ?? 'a signal'}`);
}

/** PCO_TMUX_SOCKET, then the names of all sockets of this user, once each. */
function socketsOf(env: Environment): string[] {
  const folder = join(env.TMUX_TMPDIR || '/tmp', `tmux-${process.getuid?.() ?? 0}`);
  return [...new Set([...(env.PCO_TMUX_SOCKET ? [env.PCO_TMUX_SOCKET] : []), ...socketFiles(folder)])];
}

function socketFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isSocket());
  } catch {
    return []; // no tmux has run yet
  }
}

const notThere = (error: Error): CliFailure =>
  new CliFailure(EXIT.failed, `tmux cannot be run (${error.message}); is it installed?`);

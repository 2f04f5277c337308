import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FINAL, sessionLives, TicketId } from '@pco/shared/domain';
import { every } from '@pco/shared/engine';
import { messageOf } from '@pco/shared/errors';
import { DAY_MS, MINUTE_MS } from '@pco/shared/time';
import { git } from './git.ts';
import type { Host } from './host.ts';

const PERIOD_MS = 10 * MINUTE_MS;

/** Removes worktrees of tickets that were finished long enough ago. Branches stay. */
export function startCleaning(host: Host): AsyncDisposable {
  return every(PERIOD_MS, (signal) => cleanOnce(host, signal), host.log, 'worktree cleaning');
}

export async function cleanOnce(host: Host, signal: AbortSignal): Promise<void> {
  const ageMs = host.config.automation.clean_after_days * DAY_MS;
  if (ageMs === 0) return;
  for (const name of await readdir(host.paths.worktrees).catch(() => [])) {
    if (signal.aborted) return;
    const id = TicketId.safeParse(name).data;
    if (id === undefined) continue; // not ours
    try {
      await clean(host, id, join(host.paths.worktrees, name), ageMs, signal);
    } catch (err) {
      host.log.warn({ event: 'worktree.kept', worktree: name, why: messageOf(err) }, 'worktree could not be removed');
    }
  }
}

async function clean(host: Host, id: string, path: string, ageMs: number, signal: AbortSignal): Promise<void> {
  const { ticket, now } = await host.core.store.load(id);
  // a ticket that nobody remembers may be another installation's: only what we know to be finished is removed
  if (!ticket || !FINAL.has(ticket.status) || sessionLives(ticket) || now - ticket.statusSince < ageMs) return;
  const known = ticket.session ? await host.files(ticket.session.id).readMeta() : null;
  if (!known || known.worktree !== path || !existsSync(join(path, '.git'))) return;
  const why = await whatWouldBeLost(path, known.base, signal);
  if (why) {
    host.log.info({ event: 'worktree.kept', ticketId: id, worktree: path, why }, 'worktree of a finished ticket kept');
    return;
  }
  await git(known.repo, ['worktree', 'remove', path], signal); // without --force git itself refuses what is not clean
  host.log.info({ event: 'worktree.removed', ticketId: id, worktree: path }, 'worktree of a finished ticket removed');
}

/** @returns what only this worktree holds, or undefined */
async function whatWouldBeLost(path: string, base: string, signal: AbortSignal): Promise<string | undefined> {
  const status = await git(path, ['status', '--porcelain', '--untracked-files=all'], signal);
  if (status !== '') return `${status.split('\n').length} files are not committed`;
  const unpushed = await git(path, ['rev-list', '--count', 'HEAD', `^${base}`, '--not', '--remotes'], signal);
  return unpushed === '0' ? undefined : `${unpushed} commits are on no remote`;
}

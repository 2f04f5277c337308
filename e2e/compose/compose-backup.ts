import assert from 'node:assert/strict';
import { z } from 'zod';
import type { ComposeStack } from './compose-stack.ts';

const WRITERS = ['api', 'poller', 'plane-writer', 'session-worker', 'tmux-session-service'];
const ARCHIVES = '/var/lib/pco/backups';
const Tickets = z.object({ tickets: z.array(z.object({ id: z.string(), status: z.string() })) });

/** Backup, wipe, restore as docs/docker-deployment.md has them: tickets and recordings are what they were. */
export async function backedUpAndRestored(stack: ComposeStack): Promise<string> {
  const { compose } = stack;
  const before = await present(stack);
  await compose('run', '--rm', '-T', 'backup');
  await compose('stop', ...WRITERS);
  await wipe(stack);
  const archive = await inBackup(stack, `ls ${ARCHIVES}`);
  await compose('run', '--rm', '-T', 'backup', 'apps/launcher/src/restore.ts', `${ARCHIVES}/${archive}`, '--replace');
  await stack.up();
  assert.deepEqual(await present(stack), before);
  return `${Object.keys(before.tickets).length} tickets, ${archive}`;
}

async function present(stack: ComposeStack) {
  const { tickets } = Tickets.parse(JSON.parse((await stack.ask('GET', '/api/tickets?limit=100')).text));
  const recordings: unknown = JSON.parse((await stack.ask('GET', '/api/tickets/DEMO-1/recordings')).text);
  assert.equal(Array.isArray(recordings) && recordings.length, 1);
  return { tickets: Object.fromEntries(tickets.map(({ id, status }) => [id, status])), recordings };
}

async function wipe(stack: ComposeStack): Promise<void> {
  const redis = 'REDISCLI_AUTH=$(cat /run/secrets/redis-password) redis-cli FLUSHALL';
  await stack.compose('exec', '-T', 'redis', 'sh', '-c', redis);
  await inBackup(stack, 'rm -r /var/lib/pco/runner/tmux-session-service/*');
}

const inBackup = (stack: ComposeStack, command: string): Promise<string> =>
  stack.compose('run', '--rm', '-T', '--no-deps', '--entrypoint', 'sh', 'backup', '-c', command);

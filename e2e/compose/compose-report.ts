import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { ComposeStack } from './compose-stack.ts';

const Tickets = z.object({ tickets: z.array(z.object({ id: z.string(), status: z.string() })) });
const OVER: readonly string[] = ['done', 'completed', 'cancelled'];
const RUNNER = '/var/lib/pco/runner';
const SHOWN = 60;

/** Of a stack that failed: its containers, the tickets that are not over, and the last words of its services. All of it is kept in a folder. */
export async function whatWasLeft(stack: ComposeStack): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'pco-compose-left-'));
  const keep = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text);
    return text;
  };
  const containers = await stack.compose('ps', '--all').catch(() => 'no containers');
  const logs = keep('logs', await stack.compose('logs', '--timestamps', '--no-color').catch(() => 'no logs'));
  const list = `cd ${RUNNER}; tmux -L pco list-sessions; find . -path ./scripts -prune -o -type f -printf '%T+ %s %p\\n' | sort`;
  keep('runner', await stack.inAgentHost(list).catch((err: unknown) => String(err)));
  const stuck = await ticketsNotOver(stack);
  for (const { id } of stuck) keep(id, JSON.stringify(await stack.ticket(id), undefined, 2));
  const words = logs.split('\n').filter((line) => /"level":"(warn|error|fatal)"/.test(line));
  const notOver = stuck.map(({ id, status }) => `${id} ${status}`).join(', ') || 'none';
  return [containers, words.slice(-SHOWN).join('\n'), `not over: ${notOver}`, `all of it is kept in ${dir}`].join(
    '\n\n',
  );
}

async function ticketsNotOver(stack: ComposeStack): Promise<z.output<typeof Tickets>['tickets']> {
  const answer = await stack.ask('GET', '/api/tickets?limit=100').catch(() => undefined);
  const { success, data } = Tickets.safeParse(answer?.status === 200 ? JSON.parse(answer.text) : {});
  return success ? data.tickets.filter(({ status }) => !OVER.includes(status)) : [];
}

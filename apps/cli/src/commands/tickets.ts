import { LIST_MAX, type TicketDetail, type TicketRow } from '@pco/shared/contracts/http';
import { STATUSES } from '@pco/shared/domain';
import { z } from 'zod';
import type { Client } from '../client.ts';
import { type Command, type Given, ticket } from '../command.ts';
import { usage } from '../failure.ts';
import { ago, type Output, paintStatus } from '../output.ts';
import { oneLine } from '../text.ts';

export const ticketCommands: readonly Command[] = [
  {
    name: 'list',
    summary: 'Tickets, newest first',
    options: {
      status: {
        summary: 'only these: pending,failed',
        value: 'STATUS',
        isMany: true,
        kind: { of: 'words', words: STATUSES },
      },
      project: {
        summary: 'only of these, by identifier or id',
        value: 'PROJECT',
        isMany: true,
        kind: { of: 'project' },
      },
      text: { summary: 'words that occur in id, title, project or a label', value: 'TEXT' },
      limit: { summary: 'at most so many (50)', value: 'N' },
      all: { summary: 'every one, however many' },
    },
    async run(given) {
      const { out, api } = given;
      const { rows, hasMore } = await page(given, api());
      const now = Date.now();
      out.result(rows, () => {
        out.table(
          rows,
          [
            { title: 'TICKET', of: ({ id }) => id },
            {
              title: 'STATUS',
              of: ({ status }) => status,
              paint: (cell, { status }) => paintStatus(out, status, cell),
            },
            { title: 'SINCE', of: ({ status_since }) => ago(status_since, now) },
            { title: 'PRIORITY', of: ({ priority }) => priority },
            { title: 'RUNNER', of: ({ runner }) => runner, gives: true },
            { title: 'TITLE', of: ({ title }) => title, gives: true },
            { title: 'ERROR', of: ({ error, waiting_for }) => error ?? waiting_for?.state ?? '', gives: true },
          ],
          'no ticket is like that',
        );
        if (hasMore) out.say('… and more: --limit N, or --all');
      });
    },
  },
  {
    name: 'show',
    summary: 'One ticket: what it asks for, what came of it, and its history',
    args: [ticket()],
    async run({ api, out, arg }) {
      const found = await api().call('ticket', { params: { ticketId: arg('ticket') } });
      out.result(found, () => show(found, out));
    },
  },
];

async function page({ option, many, isSet }: Given, api: Client): Promise<{ rows: TicketRow[]; hasMore: boolean }> {
  const wanted = isSet('all') ? Number.POSITIVE_INFINITY : Number(option('limit') ?? 50);
  if (!(wanted >= 1)) throw usage('--limit takes a number from 1 on');
  const filter = {
    status: many('status').length > 0 ? many('status') : undefined,
    project: many('project').length > 0 ? many('project') : undefined,
    text: option('text'),
  };
  const rows: TicketRow[] = [];
  let cursor: string | undefined;
  do {
    const limit = String(Math.min(LIST_MAX, Math.ceil(wanted - rows.length)));
    const answer = await api.call('tickets', { query: { ...filter, limit, cursor } });
    rows.push(...answer.tickets);
    cursor = answer.next_cursor ?? undefined;
  } while (cursor !== undefined && rows.length < wanted);
  return { rows: rows.slice(0, wanted), hasMore: cursor !== undefined };
}

function show(found: TicketDetail, out: Output): void {
  const { result } = found;
  out.fields({
    ticket: found.id,
    title: found.title,
    status: `${found.status} since ${found.status_since}`,
    priority: found.priority,
    attempt: found.attempt,
    session: found.session_id,
    runner: found.runner,
    branch: found.branch,
    error: found.error && (found.error_code ? `${found.error} (${found.error_code})` : found.error),
    'waits for': found.waits_for?.why ?? found.write_back_waits_for?.why,
    'agent waits': found.waiting_for && [found.waiting_for.state, found.waiting_for.detail].filter(Boolean).join(': '),
    project: found.project_error,
    completed: found.completed_at,
  });
  out.block('Description', found.description);
  out.block('Summary', found.summary);
  out.block(
    'Result',
    Object.entries(result ?? {})
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
  );
  out.block('Attempts', found.attempts.map(lineOfAttempt).join('\n'));
  out.block('Write-backs', found.write_backs.map(lineOfWrite).join('\n'));
  out.block('History', found.history.map(lineOfHistory).join('\n'));
  const next = NEXT[found.status];
  if (next && out.isTerminal) out.say(`\nnext: ${next.replaceAll('TICKET', found.id)}`);
}

function lineOfAttempt(attempt: TicketDetail['attempts'][number]): string {
  const { begun_at, number, because, begun_by, outcome, sessions, reason } = attempt;
  const who = begun_by === null ? '' : ` by ${oneLine(begun_by)}`;
  const why = reason === null ? '' : `: ${oneLine(reason.text)} (${reason.code})`;
  return `${begun_at}  ${number}. ${because}${who}  ${outcome ?? 'lasts'}${why}  ${sessions.join(', ')}`;
}

const lineOfWrite = ({ at, effect, status, error }: TicketDetail['write_backs'][number]): string =>
  `${at ?? '-'}  ${effect}  ${status}${error === null ? '' : `: ${oneLine(error)}`}`;

const Told = z.looseObject({ type: z.string(), by: z.string().optional() });

function lineOfHistory({ at, event }: TicketDetail['history'][number]): string {
  const { type = 'unknown', by } = Told.safeParse(event).data ?? {};
  return `${new Date(at).toISOString()}  ${oneLine(type)}${by ? `  by ${oneLine(by)}` : ''}`;
}

const NEXT: Readonly<Record<string, string>> = {
  pending: 'pco approve TICKET',
  active: 'pco attach TICKET',
  waiting: 'pco attach TICKET, or pco answer TICKET yes',
  completed: 'pco update TICKET, or pco reject TICKET "what is missing"',
  failed: 'pco retry TICKET',
  blocked: 'pco retry TICKET',
};

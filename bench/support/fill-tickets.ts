import { type Status, Ticket } from '@pco/shared/domain';
import type { Keys, RedisClient } from '@pco/shared/redis';

const PROJECTS = 5;
const WORDS = ['login', 'export', 'slow', 'upload', 'crash', 'report', 'search', 'invoice', 'mobile', 'timeout'];
const BODY = '<p>Steps to repeat, what was expected and what happened instead.</p>'.repeat(12);
/** What a team has on its hands beside what waits for approval; everything else is finished. */
const LIVING: readonly (readonly [Status, number])[] = [
  ['active', 10],
  ['completed', 15],
  ['failed', 5],
];

/** Writes that many tickets as commits would have left them; what is on its way is the same whatever their number. */
export async function fillTickets(client: RedisClient, keys: Keys, count: number, pending = 30): Promise<void> {
  for (let done = 0; done < count; done += 500) {
    const pipeline = client.pipeline();
    for (let at = done; at < Math.min(done + 500, count); at += 1) {
      const ticket = ticketNumber(at, statusOf(count - 1 - at, pending));
      pipeline.hset(keys.ticket(ticket.id), {
        version: 9,
        status: ticket.status,
        record: JSON.stringify(ticket),
        body: BODY,
      });
      pipeline.zadd(keys.status(ticket.status), ticket.statusSince, ticket.id);
    }
    await pipeline.exec();
  }
}

function ticketNumber(at: number, status: Status): Ticket {
  const project = `BENCH${(at % PROJECTS) + 1}`;
  const id = `${project}-${at + 1}`;
  const time = 1_700_000_000_000 + at * 60_000;
  const word = (step: number) => WORDS[(at * step + 3) % WORDS.length] ?? '';
  return Ticket.parse({
    id,
    workItem: {
      uuid: crypto.randomUUID(),
      projectId: `project-${project.toLowerCase()}`,
      project,
      title: `The ${word(1)} of ${word(3)} number ${at} is not what people expect`,
      priority: 'medium',
      labels: [word(7)],
      stateId: 'todo',
    },
    trigger: { type: 'new_ticket', at: time },
    workflow: 'supervised',
    stage: 'implement',
    attempt: 1,
    status,
    statusSince: time + 3_600_000,
    approvedBy: 'ada',
    approvedAt: time + 60_000,
    runner: 'bench',
    sessionSeq: 1,
    session: { id: `claude-${id}`, branch: `pco/${id}`, worktree: `/srv/worktrees/${id}`, startedAt: time + 61_000 },
    summary: `What was found about number ${at}, what was changed, and how it was tested. `.repeat(6),
    result: { commits: 2, diff: '3 files changed, 40 insertions(+), 7 deletions(-)' },
    counters: { rejections: 0, missedTriggers: 0 },
    cid: crypto.randomUUID(),
    createdAt: time,
    updatedAt: time + 3_600_000,
    completedAt: time + 3_500_000,
    lanes: { session: [], plane: [] },
    open: {},
  });
}

function statusOf(age: number, pending: number): Status {
  let from = 0;
  for (const [status, many] of [['pending', pending], ...LIVING] as const) {
    if (age < from + many) return status;
    from += many;
  }
  return 'done';
}

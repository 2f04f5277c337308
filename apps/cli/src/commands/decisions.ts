import type { AnswerTo } from '../client.ts';
import { type Command, type Given, text, ticket } from '../command.ts';
import { usage } from '../failure.ts';

const WAIT = { wait: { summary: 'seconds to wait for the outcome (5, at most 30)', value: 'SECONDS' } };
const STDIN = 'The text may also come from standard input: give - in its place.';

const params = ({ arg }: Given) => ({ ticketId: arg('ticket') });

/** How long the api may hold the answer back. */
const waiting = ({ option }: Given) => ({
  query: { wait: option('wait') },
  patienceMs: (Number(option('wait')) || 0) * 1_000,
});

async function written(given: Given, name: string): Promise<string> {
  const said = await given.text(name);
  if (said === undefined || said.trim() === '') throw usage(`${name.toUpperCase()} is empty`);
  return said;
}

export const decisionCommands: readonly Command[] = [
  {
    name: 'approve',
    summary: 'Start a session for a ticket; repeated it answers the same',
    args: [ticket('pending', 'failed', 'blocked')],
    options: WAIT,
    async run(given) {
      const answer = await given.api().call('approve', { params: params(given), ...waiting(given) });
      given.out.result(answer, () =>
        given.out.say(
          'see' in answer
            ? `${answer.ticket_id} is approved; its session has not started yet (pco show ${answer.ticket_id})`
            : `${answer.ticket_id} is at work in session ${answer.session_id} (pco attach ${answer.ticket_id})`,
        ),
      );
    },
  },
  {
    name: 'complete',
    summary: 'Complete the session of a ticket with a summary, in place of its agent',
    args: [ticket('active', 'waiting'), text('summary')],
    notes: STDIN,
    async run(given) {
      const body = { summary: await written(given, 'summary') };
      tell(given, await given.api().call('complete', { params: params(given), body }));
    },
  },
  {
    name: 'update',
    summary: 'Approve the summary: write comment and state to Plane',
    args: [ticket('completed'), text('summary', true)],
    options: WAIT,
    notes: `Without SUMMARY the ticket's own is sent. ${STDIN}`,
    run: update,
  },
  {
    name: 'edit',
    summary: 'Change the summary of a completed ticket without sending it',
    args: [ticket('completed'), text('summary')],
    notes: STDIN,
    async run(given) {
      const body = { summary: await written(given, 'summary') };
      tell(given, await given.api().call('editSummary', { params: params(given), body }));
    },
  },
  {
    name: 'reject',
    summary: 'Not good enough: back to the agent, with what is missing',
    args: [ticket('completed'), text('text')],
    notes: STDIN,
    async run(given) {
      const body = { text: await written(given, 'text') };
      tell(given, await given.api().call('reject', { params: params(given), body }));
    },
  },
  {
    name: 'retry',
    summary: 'A new attempt after a failure, or a failed write once more',
    args: [ticket('failed', 'blocked', 'updating', 'pending')],
    options: {
      resume: { summary: "go on in the agent's earlier conversation" },
      elsewhere: { summary: 'its runner is gone: on another one, from the branch as it was pushed' },
    },
    async run(given) {
      const body = {
        ...(given.isSet('resume') ? { resume: true } : {}),
        ...(given.isSet('elsewhere') ? { elsewhere: true } : {}),
      };
      tell(given, await given.api().call('retry', { params: params(given), body }));
    },
  },
  {
    name: 'cancel',
    summary: 'End a ticket and its session; branch and worktree stay',
    args: [ticket('pending', 'approved', 'starting', 'active', 'waiting', 'completed', 'blocked', 'failed')],
    async run(given) {
      tell(given, await given.api().call('cancel', { params: params(given), body: {} }));
    },
  },
];

async function update(given: Given): Promise<void> {
  const { api, out, arg } = given;
  const own = async () => (await api().call('ticket', { params: params(given) })).summary ?? '';
  const summary = (await given.text('summary')) ?? (await own());
  if (summary.trim() === '') throw usage(`${arg('ticket')} has no summary yet; give one`);
  const answer = await api().call('updatePlane', { params: params(given), body: { summary }, ...waiting(given) });
  out.result(answer, () => {
    const { ticket_id: id } = answer;
    if ('see' in answer) return out.say(`${id} is being written; pco show ${id} says when it has arrived`);
    out.say(`${id} is written to Plane`);
    if (answer.warning) out.say(`but: ${answer.warning}`);
  });
}

export function tell(
  { out }: Given,
  answer: Extract<
    AnswerTo<'reject' | 'retry' | 'complete' | 'cancel' | 'editSummary' | 'send' | 'stop'>,
    { status: string }
  >,
): void {
  out.result(answer, () => out.say(`${answer.ticket_id}: ${answer.status}`));
}

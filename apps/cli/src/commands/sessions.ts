import { type Command, text, ticket } from '../command.ts';
import { usage } from '../failure.ts';
import { tell } from './decisions.ts';

const atWork = ticket('active', 'waiting');

export const sessionCommands: readonly Command[] = [
  {
    name: 'send',
    summary: "Type a text into a ticket's session",
    args: [atWork, text('text')],
    notes: 'The text may also come from standard input: give - in its place.',
    async run(given) {
      const said = await given.text('text');
      if (!said) throw usage('TEXT is empty');
      tell(given, await given.api().call('send', { params: { ticketId: given.arg('ticket') }, body: { text: said } }));
    },
  },
  {
    name: 'answer',
    summary: 'Answer what the agent asks right now: yes, no or a digit',
    args: [ticket('waiting'), { name: 'answer', kind: { of: 'words', words: ['yes', 'no', '1', '2', '3'] } }],
    async run(given) {
      const body = { answer: given.arg('answer') };
      tell(given, await given.api().call('answer', { params: { ticketId: given.arg('ticket') }, body }));
    },
  },
  {
    name: 'interrupt',
    summary: "End the agent's turn",
    args: [atWork],
    async run(given) {
      tell(given, await given.api().call('interrupt', { params: { ticketId: given.arg('ticket') }, body: {} }));
    },
  },
  {
    name: 'stop',
    summary: 'End a session; branch and worktree stay, the ticket can be retried',
    args: [ticket('starting', 'active', 'waiting', 'completed')],
    async run(given) {
      tell(given, await given.api().call('stop', { params: { ticketId: given.arg('ticket') }, body: {} }));
    },
  },
];

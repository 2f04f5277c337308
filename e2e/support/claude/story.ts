import type { Ticket } from '@pco/shared/domain';
import { approve } from '../people.ts';
import { until } from '../until.ts';
import type { ClaudeStack } from './claude-stack.ts';
import type { ScriptedTurn, Turn } from './model-stub.ts';

/** A ticket whose agent is at work, with what its model says to the ticket's prompt. */
export async function begin(
  claude: ClaudeStack,
  title: string,
  turns: (id: string) => readonly ScriptedTurn[],
): Promise<string> {
  const id = await claude.plan(title);
  claude.model.script(title, turns(id));
  const { status } = await approve(claude.stack, id);
  if (status >= 300) throw new Error(`the approval of ${id} was answered with ${status}`);
  return id;
}

export const bash = (command: string): NonNullable<Turn['tool']> => ({
  name: 'Bash',
  input: { command, description: 'as the ticket says' },
});

export const question = (text: string, ...labels: string[]): NonNullable<Turn['tool']> => ({
  name: 'AskUserQuestion',
  input: {
    questions: [
      {
        question: text,
        header: 'Choice',
        multiSelect: false,
        options: labels.map((label) => ({ label, description: label })),
      },
    ],
  },
});

type Observed = NonNullable<Ticket['observed']>['state'];
export const observed = ({ stack }: ClaudeStack, id: string, ...states: Observed[]): Promise<Ticket> =>
  until(`${id} is seen ${states.join(' or ')}`, async () => {
    const { ticket } = await stack.store.load(id);
    return ticket?.observed && states.includes(ticket.observed.state) ? ticket : false;
  });

/** Holds the model until it is opened. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

import { TranscriptPage } from '@pco/shared/contracts/http';
import type { Ticket } from '@pco/shared/domain';
import { approve, ask } from '../people.ts';
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

/** What the api tells of the agent's transcript, as `role: text` or `tool name`. */
export async function transcript({ stack }: ClaudeStack, id: string): Promise<readonly string[]> {
  const { body } = await ask(stack, 'GET', `/api/tickets/${id}/transcript?limit=500`);
  return TranscriptPage.parse(body).entries.flatMap(({ role, blocks }) =>
    blocks.map((block) => {
      if (block.kind === 'tool_call') return `tool ${block.name}`;
      return `${block.kind === 'tool_result' ? 'result' : role}: ${block.text}`;
    }),
  );
}

/** The live one, until it is let go: its events, as they are. */
export async function listenTo({ stack }: ClaudeStack, id: string, lastEventId?: number) {
  const gone = new AbortController();
  const headers = lastEventId === undefined ? undefined : { 'last-event-id': String(lastEventId) };
  const answer = await fetch(`${stack.api}/api/tickets/${id}/transcript/stream`, {
    signal: gone.signal,
    ...(headers ? { headers } : {}),
  });
  let text = '';
  const reading = (async () => {
    for await (const chunk of answer.body ?? []) text += Buffer.from(chunk).toString('utf8');
  })().catch(() => undefined); // let go
  return {
    text: () => text,
    ids: () => [...text.matchAll(/^id: (\d+)$/gm)].map(([, number]) => Number(number)),
    async [Symbol.asyncDispose]() {
      gone.abort();
      await reading;
    },
  };
}

/** Holds the model until it is opened. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

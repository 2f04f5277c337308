import type { AgentMode, ObservedState, OpenEffect, Ticket } from '@pco/shared/domain';
import type { Agent } from '../agent/agent.ts';

/** What is to be done in the terminal. */
export interface Talk {
  /** A text is something the agent can say that it was given; of all else only what it does afterwards tells. */
  readonly kind: 'text' | 'keys';
  /** Typed, followed by Enter. */
  readonly line?: string;
  /** Stands in a file that the agent is told to read. */
  readonly file?: string;
  readonly keys?: readonly string[];
  /** Why it must not be typed while the agent is seen like this. */
  refusedWhen(state: ObservedState | undefined): string | undefined;
}

/** A longer or many-lined text would be taken for pasted content, which an agent may distrust. */
const LINE_MAX = 500;

/** @returns undefined when there is nothing to say any more */
export function planTalk(
  { feedback, message }: Ticket,
  { args }: OpenEffect,
  agent: Agent,
  mode: AgentMode,
): Talk | undefined {
  if (args.kind === 'interrupt')
    return {
      kind: 'keys',
      ...agent.interrupt,
      // at rest a second Escape opens a menu
      refusedWhen: (state) => gone(state) ?? (AT_REST.has(state ?? 'working') ? 'the agent is not at work' : undefined),
    };
  if (args.kind === 'answer')
    return {
      kind: 'keys',
      ...agent.answer(mode, message ?? ''),
      refusedWhen: (state) =>
        gone(state) ?? (state === 'asking' || state === 'permission' ? undefined : 'the agent asks nothing any more'),
    };
  // an answer to a summary is words, whatever it begins with; who writes to the agent may use its commands but no shell
  const text = args.kind === 'message' ? message : feedback;
  if (!text) return undefined;
  const isCommand = (args.kind === 'message' ? /^[!#]/ : /^[!#/]/).test(text);
  const isShort = text.length <= LINE_MAX && !text.includes('\n') && !isCommand;
  return {
    kind: 'text',
    ...(isShort ? { line: text } : { file: text }),
    // in a dialog the letters would choose
    refusedWhen: (state) =>
      gone(state) ??
      (state === 'asking' || state === 'permission'
        ? 'the agent asks something, which has to be answered first'
        : undefined),
  };
}

const AT_REST: ReadonlySet<ObservedState> = new Set(['turn_over', 'limited']);

/** The launcher's own question would take the text for a summary. */
const gone = (state: ObservedState | undefined): string | undefined =>
  state === 'exited' || state === 'dead' ? 'the agent has ended' : undefined;

import { z } from 'zod';
import type { Request } from './stream.ts';

/** Something that the agent wants to know before it goes on. */
export interface OpenRequest {
  readonly id: string;
  readonly tool: string;
  readonly toolUseId: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly questions: readonly Question[];
  /** Of the questions, those that have their answer. */
  readonly answers: readonly string[];
}

const Question = z.object({
  question: z.string(),
  multiSelect: z.boolean().catch(false),
  options: z.array(z.object({ label: z.string() })).catch([]),
});
type Question = z.output<typeof Question>;
const Questions = z.object({ questions: z.array(Question).min(1) });

/** @returns undefined for a request that only a program could answer */
export function openRequest({ request_id: id, request }: Request): OpenRequest | undefined {
  const { subtype, tool_name: tool, tool_use_id: toolUseId = '', input = {} } = request;
  if (subtype !== 'can_use_tool' || tool === undefined) return undefined;
  const questions = tool === 'AskUserQuestion' ? (Questions.safeParse(input).data?.questions ?? []) : [];
  return { id, tool, toolUseId, input, questions, answers: [] };
}

/** What a person is asked now, as lines. */
export function askingLines({ tool, input, questions, answers }: OpenRequest): readonly string[] {
  const question = questions[answers.length];
  if (!question) return [`${tool} ${shown(input)}`, 'Allow it? yes, no, or why not:'];
  const choices = question.options.map(({ label }, index) => `  ${index + 1}. ${label}`);
  const several = question.multiSelect ? 'numbers, as in 1,3' : 'a number';
  return [question.question, ...choices, `Answer with ${several}, or in your own words:`];
}

const shown = ({ command, ...others }: Readonly<Record<string, unknown>>): string =>
  typeof command === 'string' ? command : JSON.stringify(others);

export type Answered =
  | { readonly kind: 'answered'; readonly response: object; readonly isRefusal: boolean }
  | { readonly kind: 'goes_on'; readonly request: OpenRequest };

/** What a person typed, as the answer to what is asked now. */
export function answerRequest(request: OpenRequest, words: string): Answered {
  const { questions, answers, input } = request;
  const question = questions[answers.length];
  if (!question) return answerPermission(request, words);
  const given = [...answers, chosen(question, words)];
  if (given.length < questions.length) return { kind: 'goes_on', request: { ...request, answers: given } };
  const all = Object.fromEntries(questions.map(({ question: text }, index) => [text, given[index] ?? '']));
  return { kind: 'answered', response: allow(request, { ...input, answers: all }), isRefusal: false };
}

function chosen({ options, multiSelect }: Question, words: string): string {
  const numbers = multiSelect ? words.split(/[\s,]+/) : [words.trim()];
  const labels = numbers.map((number) => (/^\d+$/.test(number) ? options[Number(number) - 1]?.label : undefined));
  return labels.every((label) => label !== undefined) ? labels.join(', ') : words;
}

function answerPermission(request: OpenRequest, words: string): Answered {
  const word = words.trim().toLowerCase();
  if (['yes', 'y', '1'].includes(word))
    return { kind: 'answered', response: allow(request, request.input), isRefusal: false };
  const why = ['no', 'n'].includes(word) ? 'A person refused this.' : `A person refused this and says: ${words}`;
  return { kind: 'answered', response: respond(request, { behavior: 'deny', message: why }), isRefusal: true };
}

const allow = (request: OpenRequest, updatedInput: object): object =>
  respond(request, { behavior: 'allow', updatedInput });

const respond = ({ id }: OpenRequest, response: object): object => ({
  type: 'control_response',
  response: { subtype: 'success', request_id: id, response },
});

/** To what nobody here can answer. */
export const refuseRequest = ({ request_id: id }: Request): object => ({
  type: 'control_response',
  response: { subtype: 'error', request_id: id, error: 'not supported here' },
});

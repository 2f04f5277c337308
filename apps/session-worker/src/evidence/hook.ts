import { z } from 'zod';

/** What we read of a hook; Claude Code adds fields with every version. */
export const Hook = z.object({
  hook_event_name: z.string(),
  prompt_id: z.string().optional(),
  tool_name: z.string().optional(),
  tool_input: z.unknown().optional(),
  /** Hash of the whole input, where only its beginning is kept. */
  input_key: z.string().optional(),
  prompt: z.string().optional(),
  notification_type: z.string().optional(),
  message: z.string().optional(),
  error: z.string().optional(),
  last_assistant_message: z.string().optional(),
  background_tasks: z
    .array(z.looseObject({ type: z.string().optional(), status: z.string().optional() }))
    .optional()
    .catch(undefined),
});
export type Hook = z.output<typeof Hook>;

/** A line of `hooks.jsonl`, which our command hook writes at the source: its time is when the hook ran. */
export const JournalLine = z.object({ at: z.number(), hook: Hook });

const Questions = z.object({
  questions: z.array(z.object({ question: z.string(), options: z.array(z.object({ label: z.string() })).catch([]) })),
});
const questionsOf = (input: unknown) => Questions.safeParse(input).data?.questions ?? [];
const Command = z.object({ command: z.string() });

export const DETAIL_MAX = 600;
const CHOICE_MAX = 200;
const short = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** The question of the agent's question tool, with the digits that answer it. */
export function questionText(input: unknown): string {
  const asked = questionsOf(input);
  if (asked.length === 0) return 'the agent asks a question';
  const texts = asked.map(({ question, options }) => {
    const choices = options.map(({ label }, index) => `${index + 1} ${oneLine(label)}`).join(', ');
    return choices ? `${oneLine(question)} (${choices})` : oneLine(question);
  });
  return short(`the agent asks: ${texts.join(' · ')}`, DETAIL_MAX);
}

/** What the digits mean that answer it. Several questions are asked one after the other, and nothing tells which it is now. */
export function choicesOf(input: unknown): readonly string[] {
  const asked = questionsOf(input);
  const [longest = []] = asked.map(({ options }) => options.slice(0, 9)).toSorted((a, b) => b.length - a.length);
  return longest.map(({ label }) => (asked.length === 1 ? short(oneLine(label), CHOICE_MAX) : ''));
}

export function permissionText(tool: string | undefined, input: unknown): string {
  const name = short(oneLine(tool ?? 'a tool'), 100);
  const command = Command.safeParse(input).data?.command;
  return short(`the agent asks to use ${name}${command ? `: ${oneLine(command)}` : ''}`, DETAIL_MAX);
}

/** A limit carries the time at which it ends, where the text names one: `…limit reached|1750000000`. */
export function limitText(said: string | undefined): string {
  const seconds = /\|(\d{10})\b/.exec(said ?? '')?.[1];
  if (seconds) return `usage limit reached until ${new Date(Number(seconds) * 1_000).toISOString()}`;
  return short(said ? `usage limit reached: ${oneLine(said)}` : 'usage limit reached', DETAIL_MAX);
}

export const turnOverText = (said: string | undefined): string => {
  const words = oneLine(said ?? '');
  return `the agent ended its turn and has not reported completion${words ? `; it last said: ${short(words, 300)}` : ''}`;
};

export const failedTurnText = (error: string | undefined, said: string | undefined): string =>
  short(`the agent's turn failed (${short(error ?? 'unknown', 60)})${said ? `: ${oneLine(said)}` : ''}`, DETAIL_MAX);

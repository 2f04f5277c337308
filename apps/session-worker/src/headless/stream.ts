import { z } from 'zod';
import { parseJson } from '../evidence/evidence-store.ts';

/** What we read of the lines of `--output-format stream-json`; Claude Code adds types and fields with every version. */

const Block = z.object({
  type: z.string(),
  text: z.string().optional(),
  name: z.string().optional(),
  input: z.unknown().optional(),
  content: z.unknown().optional(),
  is_error: z.boolean().nullish(),
});
export type Block = z.output<typeof Block>;

const asText = (text: string): Block[] => [{ type: 'text', text }];
const Message = z.object({ content: z.union([z.string().transform(asText), z.array(Block)]) });

const Assistant = z.object({
  type: z.literal('assistant'),
  message: Message,
  parent_tool_use_id: z.string().nullish(),
});
const User = z.object({ type: z.literal('user'), message: Message, parent_tool_use_id: z.string().nullish() });
const System = z.object({
  type: z.literal('system'),
  subtype: z.string(),
  model: z.string().optional(),
  attempt: z.number().optional(),
  max_retries: z.number().optional(),
  error: z.string().optional(),
});
/** `subtype` may say success beside `is_error`: an API that refuses does that. */
export const Result = z.object({
  type: z.literal('result'),
  subtype: z.string(),
  is_error: z.boolean(),
  terminal_reason: z.string().nullish(),
  stop_reason: z.string().nullish(),
  num_turns: z.number().catch(1),
  result: z.string().optional(),
  errors: z.array(z.string()).optional().catch(undefined),
  /** Of the whole conversation, this process and those that it goes on from. */
  total_cost_usd: z.number().optional().catch(undefined),
  permission_denials: z.array(z.object({ tool_name: z.string(), tool_use_id: z.string() })).catch([]),
});
export type Result = z.output<typeof Result>;

const Request = z.object({
  type: z.literal('control_request'),
  request_id: z.string(),
  request: z.object({
    subtype: z.string(),
    tool_name: z.string().optional(),
    tool_use_id: z.string().optional(),
    input: z.record(z.string(), z.unknown()).optional(),
  }),
});
export type Request = z.output<typeof Request>;
const Withdrawn = z.object({ type: z.literal('control_cancel_request'), request_id: z.string() });

const StreamLine = z.discriminatedUnion('type', [Assistant, User, System, Result, Request, Withdrawn]);
export type StreamLine = z.output<typeof StreamLine>;

/** @returns undefined for what we do not know, which is no error */
export const parseStreamLine = (line: string): StreamLine | undefined => parseJson(StreamLine, line);

export const userLine = (content: string): object => ({ type: 'user', message: { role: 'user', content } });

export const interruptLine = (id: string): object => ({
  type: 'control_request',
  request_id: id,
  request: { subtype: 'interrupt' },
});

import type { TranscriptBlock, TranscriptEntry } from '@pco/shared/contracts/http';
import { redactSecrets } from '@pco/shared/secrets';
import { z } from 'zod';
import { parseJson } from '../evidence/evidence-store.ts';

/** Characters of one block that are told; beyond it the transcript itself has them. */
const TEXT_MAX = 16_000;
/** Looked through for secrets before it is cut, so that none is cut into something that no longer looks like one. */
const LOOKED_AT_MAX = TEXT_MAX + 4_000;
/** A longer line is named and not read. */
export const LINE_MAX_CHARS = 2 * 1024 * 1024;

const Count = z.number().catch(0);
const Usage = z.object({
  input_tokens: Count,
  output_tokens: Count,
  cache_creation_input_tokens: Count,
  cache_read_input_tokens: Count,
});
const Block = z.looseObject({ type: z.string() });
const Line = z.discriminatedUnion('type', [
  z.object({
    type: z.enum(['user', 'assistant']),
    isMeta: z.boolean().optional(),
    timestamp: z.string().optional(),
    message: z.object({
      model: z.string().optional(),
      content: z.union([z.string(), z.array(Block)]),
      usage: Usage.optional(),
    }),
  }),
  z.object({ type: z.literal('cost-state'), totalCostUSD: z.number() }),
]);

/** @returns undefined for lines that are the agent's own affair */
export function toEntry(text: string, line: number): TranscriptEntry | undefined {
  const empty = { line, at: null, model: null, blocks: [], tokens: null, cost_usd: null };
  if (text.length > LINE_MAX_CHARS) return { ...empty, role: 'too_long' };
  const read = parseJson(Line, text);
  if (!read) return undefined;
  if (read.type === 'cost-state') return { ...empty, role: 'cost', cost_usd: read.totalCostUSD };
  if (read.isMeta) return undefined; // what the agent's program adds by itself
  const { content, model, usage } = read.message;
  const blocks = typeof content === 'string' ? [textBlock('text', content)] : content.flatMap(toBlock);
  if (blocks.length === 0) return undefined;
  const tokens = usage ? Object.values(usage).reduce((sum, count) => sum + count, 0) : null;
  return { ...empty, at: read.timestamp ?? null, role: read.type, model: model ?? null, blocks, tokens };
}

function toBlock(block: z.output<typeof Block>): TranscriptBlock[] {
  const { type, text, thinking, id, name, input, tool_use_id, content, is_error } = block;
  if (type === 'text') return [textBlock('text', textOf(text))];
  if (type === 'thinking') return [textBlock('thinking', textOf(thinking))];
  if (type === 'tool_use') {
    const { text: clean, cut } = shown(JSON.stringify(redactAll(input)) ?? '');
    return [{ kind: 'tool_call', id: textOf(id), name: textOf(name), input: clean, cut }];
  }
  if (type !== 'tool_result') return [];
  const parts = Array.isArray(content) ? content.map(partText).join('\n') : textOf(content);
  return [{ kind: 'tool_result', id: textOf(tool_use_id), is_error: is_error === true, ...shown(parts) }];
}

const textBlock = (kind: 'text' | 'thinking', text: string): TranscriptBlock => ({ kind, ...shown(text) });
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const partText = (part: unknown): string =>
  typeof part === 'object' && part !== null && 'text' in part ? textOf(part.text) : '(no text)';

function shown(text: string): { text: string; cut: boolean } {
  const clean = redactSecrets(text.slice(0, LOOKED_AT_MAX));
  return { text: clean.slice(0, TEXT_MAX).toWellFormed(), cut: text.length > LOOKED_AT_MAX || clean.length > TEXT_MAX };
}

/** Within JSON a line feed is two characters, and a key in several lines would not be seen: each text by itself first. */
function redactAll(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactSecrets(value.slice(0, LOOKED_AT_MAX));
  if (typeof value !== 'object' || value === null || depth > 8) return typeof value === 'object' ? null : value;
  if (Array.isArray(value)) return value.slice(0, 200).map((entry) => redactAll(entry, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, 200)
      .map(([key, held]) => [key, redactAll(held, depth + 1)]),
  );
}

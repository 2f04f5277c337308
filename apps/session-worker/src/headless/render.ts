import { cleanText } from '@pco/shared/domain';
import type { Block, Result, StreamLine } from './stream.ts';

/** Lines and characters that one piece of the stream takes of a terminal. */
const LINES_MAX = 12;
const LINE_MAX = 400;

/** The stream for people who watch: what the agent says and does. Text of others may hold anything but a terminal's orders. */
export function renderLine(line: StreamLine): readonly string[] {
  switch (line.type) {
    case 'assistant':
      return line.message.content.flatMap((block) => renderBlock(block, line.parent_tool_use_id ? '  | ' : ''));
    case 'user':
      return line.message.content.filter(({ type }) => type === 'tool_result').flatMap(renderToolResult);
    case 'system':
      return line.subtype === 'api_retry'
        ? [`~ the model does not answer (${cleanText(line.error ?? '')}), try ${line.attempt} of ${line.max_retries}`]
        : [];
    case 'result':
      return [renderResult(line)];
    default:
      return [];
  }
}

function renderBlock({ type, text, name, input }: Block, indent: string): readonly string[] {
  if (type === 'text') return ['', ...shorten(text ?? '', 200).map((line) => indent + line)];
  if (type === 'tool_use')
    return [`${indent}* ${cleanText(name ?? 'a tool')} ${shorten(JSON.stringify(input) ?? '', 1)[0] ?? ''}`];
  return [];
}

function renderToolResult({ content, is_error: isError }: Block): readonly string[] {
  const texts = Array.isArray(content) ? content.map(textOf) : [typeof content === 'string' ? content : ''];
  return shorten(texts.join('\n'), LINES_MAX).map((line) => `  ${isError ? '!' : '>'} ${line}`);
}

const textOf = (part: unknown): string =>
  typeof part === 'object' && part !== null && 'text' in part && typeof part.text === 'string' ? part.text : '';

function renderResult({ subtype, is_error, num_turns, total_cost_usd, terminal_reason }: Result): string {
  const how = is_error ? `failed (${cleanText(terminal_reason ?? subtype)})` : 'ended its turn';
  const cost = total_cost_usd === undefined ? '' : `, $${total_cost_usd.toFixed(4)} so far`;
  return `= the agent ${how} after ${num_turns} answers${cost}`;
}

function shorten(text: string, most: number): readonly string[] {
  const lines = cleanText(text).split('\n');
  const cut = lines.slice(0, most).map((line) => (line.length > LINE_MAX ? `${line.slice(0, LINE_MAX)}…` : line));
  return lines.length > most && most > 1 ? [...cut, `… ${lines.length - most} more lines`] : cut;
}

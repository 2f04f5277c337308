import { z } from 'zod';
import type { Agent } from './agent/agent.ts';
import { parseJson } from './evidence/evidence-store.ts';
import { readLines } from './evidence/read-lines.ts';

const Count = z.number().nonnegative().catch(0);
const Usage = z.object({
  input_tokens: Count,
  output_tokens: Count,
  cache_creation_input_tokens: Count,
  cache_read_input_tokens: Count,
});
/** The two kinds of transcript lines that count; all others are Claude Code's own affair. */
const Line = z.discriminatedUnion('type', [
  z.object({ type: z.literal('assistant'), message: z.object({ id: z.string(), usage: Usage }) }),
  z.object({ type: z.literal('cost-state'), totalCostUSD: z.number().nonnegative() }),
]);

export interface UsageRead {
  /** All kinds together: read, written, cached. */
  readonly tokens?: number;
  /** US dollars; known only after the agent has ended. Cumulative over a resumed conversation. */
  readonly cost?: number;
}

/** What the agent's transcript says that its conversation used; nothing for an agent without one. */
export function readUsage(agent: Agent, sessionDir: string): UsageRead {
  const transcripts = agent.transcripts(sessionDir);
  if (transcripts.length === 0) return {};
  const tokens = new Map<string, number>(); // a message has a line per block, each with the same usage
  let cost: number | undefined;
  for (const path of transcripts)
    for (const line of allLines(path)) {
      const entry = parseJson(Line, line);
      if (entry?.type === 'cost-state') cost = entry.totalCostUSD;
      else if (entry)
        tokens.set(
          entry.message.id,
          Object.values(entry.message.usage).reduce((sum, count) => sum + count, 0),
        );
    }
  const total = [...tokens.values()].reduce((sum, count) => sum + count, 0);
  return { tokens: total, ...(cost === undefined ? {} : { cost }) };
}

function* allLines(path: string): Generator<string> {
  for (let offset = 0; ; ) {
    const read = readLines(path, offset);
    if (read.offset === offset) return;
    yield* read.lines;
    offset = read.offset;
  }
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Spent } from '@pco/shared/domain';
import type { EffectResult } from '@pco/shared/engine';
import { messageOf } from '@pco/shared/errors';
import { z } from 'zod';
import type { Agent } from '../agent/agent.ts';
import { agentNamed } from '../agent/choose-agent.ts';
import { parseJson } from '../evidence/evidence-store.ts';
import { readLines } from '../evidence/read-lines.ts';
import type { Host } from '../host.ts';
import type { SessionMeta } from '../session-files.ts';
import { estimateUsd } from './prices.ts';

const Count = z.number().nonnegative().catch(0);
const Counts = z.object({
  input_tokens: Count,
  output_tokens: Count,
  cache_creation_input_tokens: Count,
  cache_read_input_tokens: Count,
});
/** The kinds of lines that count, of a transcript and of a headless agent's stream. All others are the agent's own affair. */
const Line = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('assistant'),
    message: z.object({ id: z.string(), model: z.string().default(''), usage: Counts }),
  }),
  z.object({ type: z.literal('cost-state'), totalCostUSD: z.number().nonnegative() }),
  z.object({ type: z.literal('result'), total_cost_usd: z.number().nonnegative() }),
]);
/** Saves parsing megabytes of what tools printed. */
const MAY_COUNT = /"type":"(?:assistant|cost-state|result)"/;

/** What a conversation has used, all of it, whichever sessions it went on in. */
export interface Usage {
  /** Answers of the model. */
  readonly turns: number;
  /** All kinds together: read, written, cached. */
  readonly tokens: number;
  /** US dollars: the agent's own word, and an estimate of what came after it. */
  readonly cost: number;
}

/** Reads on where it stopped, so that looking often costs little. */
export interface Meter {
  /** @returns undefined for an agent without a transcript */
  read(): Usage | undefined;
}

/** The stand-in for an answer when the model gave none. */
const NO_MODEL = '<synthetic>';

export function createMeter(agent: Agent, sessionDir: string): Meter {
  const offsets = new Map<string, number>();
  const answers = new Map<string, { tokens: number; usd: number }>(); // one has a line per block, each with the same usage
  let estimate = 0;
  let said: { usd: number; estimate: number } | undefined;

  const take = (line: string): void => {
    const entry = MAY_COUNT.test(line) ? parseJson(Line, line) : undefined;
    if (entry?.type === 'assistant') {
      const { id, model, usage } = entry.message;
      if (model === NO_MODEL) return;
      const tokens = Object.values(usage).reduce((sum, count) => sum + count, 0);
      const usd = estimateUsd(model, usage);
      estimate += usd - (answers.get(id)?.usd ?? 0);
      answers.set(id, { tokens, usd });
    } else if (entry) said = { usd: entry.type === 'result' ? entry.total_cost_usd : entry.totalCostUSD, estimate };
  };
  const readAll = (path: string, isWanted: (line: string) => boolean): void => {
    for (;;) {
      const before = offsets.get(path) ?? 0;
      const { lines, offset } = readLines(path, before);
      offsets.set(path, offset);
      for (const line of lines) if (isWanted(line)) take(line);
      if (offset === before) return;
    }
  };
  return {
    read() {
      const { conversation, subagents } = agent.transcripts(sessionDir);
      if (conversation.length === 0) return undefined;
      for (const path of [...conversation, ...subagents]) readAll(path, () => true);
      const stream = join(sessionDir, 'stream.jsonl');
      // its answers are the transcript's, with less of their usage
      if (existsSync(stream)) readAll(stream, (line) => line.includes('"type":"result"'));
      const tokens = [...answers.values()].reduce((sum, answer) => sum + answer.tokens, 0);
      const cost = said ? said.usd + Math.max(0, estimate - said.estimate) : estimate;
      return { turns: answers.size, tokens, cost };
    },
  };
}

/**
 * For the ticket's result, and what of it this session has added. Nothing where that cannot be read: a session must end, and
 * its end be told, whatever its agent left in its files.
 */
export function readResult(
  { files, log }: Pick<Host, 'files' | 'log'>,
  meta: SessionMeta | null,
): Pick<EffectResult, 'tokens' | 'cost' | 'spent'> {
  if (!meta) return {};
  const { sessionId, agent, before } = meta;
  try {
    const usage = createMeter(agentNamed(agent), files(sessionId).dir).read();
    return usage ? { tokens: usage.tokens, cost: usage.cost, spent: spentSince(usage, before) } : {};
  } catch (err) {
    log.warn({ sessionId, err: messageOf(err) }, 'what the session has used cannot be read');
    return {};
  }
}

/** Of a conversation that an earlier session began, only what this one added. */
export const spentSince = ({ tokens, cost }: Usage, before?: Usage): Spent => ({
  tokens: Math.max(0, tokens - (before?.tokens ?? 0)),
  costUsd: Math.max(0, cost - (before?.cost ?? 0)),
});

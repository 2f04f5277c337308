import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../evidence/evidence-store.ts';
import { type Hook, JournalLine } from '../evidence/hook.ts';
import { readLines } from '../evidence/read-lines.ts';

/** The hooks of this session so far, as our command hook noted them. */
export interface Journal {
  /**
   * `prompts`: how many the agent was given, commands left out, because not all of those reach it. `goesOn`: whether
   * subagents work on beyond the end of the latest turn.
   */
  read(): { readonly prompts: number; readonly goesOn: boolean };
  /** Notes what no hook tells. */
  note(hook: Hook): void;
}

export function openJournal(dir: string): Journal {
  const path = join(dir, 'hooks.jsonl');
  let offset = 0;
  let prompts = 0;
  let goesOn = false;
  const read = (): void => {
    const { lines, offset: end } = readLines(path, offset);
    offset = end;
    for (const { hook } of lines.flatMap((line) => parseJson(JournalLine, line) ?? [])) {
      if (hook.hook_event_name === 'UserPromptSubmit' && isCounted(hook.prompt ?? '')) prompts += 1;
      if (hook.hook_event_name === 'Stop')
        goesOn =
          hook.background_tasks?.some(({ type, status }) => type === 'subagent' && status === 'running') ?? false;
    }
  };
  return {
    read() {
      read();
      return { prompts, goesOn };
    },
    note(hook) {
      try {
        appendFileSync(path, `${JSON.stringify({ at: Date.now(), hook })}\n`, { mode: 0o600 });
      } catch {
        // a full disk must not end the agent: its status tells that it waits, if not why
      }
    },
  };
}

/** Commands do not all reach the agent as prompts. */
export const isCounted = (text: string): boolean => !text.trimStart().startsWith('/');

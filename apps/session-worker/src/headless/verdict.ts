import type { Result } from './stream.ts';

/** What a result means for the ticket. */
export type Verdict =
  | { readonly kind: 'completed'; readonly summary: string }
  /** The agent waits for a person, and no hook of its own says why. */
  | { readonly kind: 'waits'; readonly error?: string; readonly said: string }
  | { readonly kind: 'nothing' };

export interface Circumstances {
  /** Tool calls that a person refused: the agent knows, and says what it made of that. */
  readonly refusedByPerson: ReadonlySet<string>;
  /** Whether the agent was given everything that it was told before this result. */
  readonly heardAll: boolean;
  /** Subagents still work, and it goes on by itself when they report. */
  readonly goesOn: boolean;
}

const GOOD_ENDS: ReadonlySet<string> = new Set(['end_turn', 'stop_sequence']);
const NOTHING: Verdict = { kind: 'nothing' };

/** Only the end of a turn that nothing hindered is a completion: whatever is doubtful waits for a person. */
export function judgeResult(result: Result, { refusedByPerson, heardAll, goesOn }: Circumstances): Verdict {
  if (result.num_turns === 0) return NOTHING; // a hook has answered instead: `/complete`
  if (result.is_error || result.subtype !== 'success') return judgeFailure(result);
  if (goesOn || !heardAll) return NOTHING;
  const text = (result.result ?? '').trim();
  if (!GOOD_ENDS.has(result.stop_reason ?? 'end_turn'))
    return { kind: 'waits', error: result.stop_reason ?? 'unknown', said: text };
  const refused = result.permission_denials.filter(({ tool_use_id: id }) => !refusedByPerson.has(id));
  const names = [...new Set(refused.map(({ tool_name: name }) => name))].join(', ');
  if (names !== '') return { kind: 'waits', error: `it was not allowed to use ${names}`, said: text };
  if (text === '') return { kind: 'waits', error: 'its result is empty', said: '' };
  return { kind: 'completed', summary: text };
}

/** Its own hooks tell of a failing model, and its status of an interrupt. */
function judgeFailure({ subtype, terminal_reason: reason, result, errors }: Result): Verdict {
  if (reason === 'api_error' || reason?.startsWith('aborted')) return NOTHING;
  return { kind: 'waits', error: reason ?? subtype, said: result ?? errors?.join('; ') ?? '' };
}

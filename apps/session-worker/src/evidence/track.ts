import { createHash } from 'node:crypto';
import { choicesOf, failedTurnText, type Hook, limitText, permissionText, questionText, turnOverText } from './hook.ts';

/** A hook with the time it is known by: of the source for what our command hook noted, else of its arrival. */
export interface Note {
  readonly at: number;
  readonly hook: Hook;
}

interface Asked {
  readonly at: number;
  readonly state: 'asking' | 'permission';
  readonly detail: string;
  /** What the digits mean that answer it. */
  readonly choices?: readonly string[];
  readonly tool: string | undefined;
}

export interface TurnEnd {
  readonly at: number;
  readonly promptId: string | undefined;
  readonly state: 'turn_over' | 'limited' | 'working';
  readonly detail: string;
}

/**
 * What the hooks of one session add up to. Every part keeps its newest, so that the same notes give the same track in
 * whatever order they come, and however often.
 */
export interface Track {
  /** Open requests, by what they ask for. */
  readonly asked: ReadonlyMap<string, Asked>;
  /** When each tool call was last seen to have come to its end. */
  readonly settled: ReadonlyMap<string, number>;
  readonly prompt: { readonly at: number; readonly id: string | undefined } | undefined;
  /** Prompts that began, so that the end of an earlier one is not taken for that of the latest. */
  readonly begun: ReadonlyMap<string, number>;
  readonly ends: ReadonlyMap<string, TurnEnd>;
  /** Newest sign of a tool at work, with its prompt. */
  readonly tool: { readonly at: number; readonly promptId: string | undefined } | undefined;
  readonly reminder: { readonly at: number; readonly detail: string } | undefined;
}

export const EMPTY_TRACK: Track = {
  asked: new Map(),
  settled: new Map(),
  prompt: undefined,
  begun: new Map(),
  ends: new Map(),
  tool: undefined,
  reminder: undefined,
};

/** Prompts that are remembered: a hook is late by seconds, never by so many prompts. */
const PROMPTS_KEPT = 50;

export function note(track: Track, { at, hook }: Note): Track {
  switch (hook.hook_event_name) {
    case 'UserPromptSubmit':
      return /^\s*\/complete\b/.test(hook.prompt ?? '') ? track : begin(track, at, hook);
    case 'PreToolUse':
      return { ...track, tool: newest(track.tool, { at, promptId: hook.prompt_id }) };
    case 'PostToolUse':
    case 'PostToolUseFailure':
      return {
        ...track,
        tool: newest(track.tool, { at, promptId: hook.prompt_id }),
        settled: keepNewest(track.settled, keyOf(hook), at),
      };
    case 'PermissionRequest':
      return { ...track, asked: keepNewestOf(track.asked, keyOf(hook), asks(at, hook)) };
    case 'Notification':
      if (hook.notification_type !== 'permission_prompt') return track;
      return {
        ...track,
        reminder: newest(track.reminder, { at, detail: hook.message ?? 'the agent asks for a permission' }),
      };
    case 'Stop':
    case 'StopFailure':
      return end(track, at, hook);
    default:
      return track;
  }
}

function begin(track: Track, at: number, hook: Hook): Track {
  const prompt = newest(track.prompt, { at, id: hook.prompt_id });
  const begun = hook.prompt_id === undefined ? track.begun : keepNewest(track.begun, hook.prompt_id, at);
  return { ...track, prompt, begun: lastOf(begun, (when) => when) };
}

function end(track: Track, at: number, hook: Hook): Track {
  const ended: TurnEnd = { at, promptId: hook.prompt_id, ...readEnd(hook) };
  return { ...track, ends: lastOf(keepNewestOf(track.ends, hook.prompt_id ?? '', ended), (one) => one.at) };
}

const LIMITS: ReadonlySet<string> = new Set(['rate_limit', 'billing_error']);

function readEnd(hook: Hook): Pick<TurnEnd, 'state' | 'detail'> {
  const { error, last_assistant_message: said } = hook;
  if (hook.hook_event_name === 'StopFailure')
    return LIMITS.has(error ?? '')
      ? { state: 'limited', detail: limitText(said) }
      : { state: 'turn_over', detail: failedTurnText(error, said) };
  // it goes on by itself when they report; a shell in the background may run for ever
  const goesOn = hook.background_tasks?.some(({ type, status }) => type === 'subagent' && status === 'running');
  if (goesOn) return { state: 'working', detail: 'waits for its subagents' };
  return { state: 'turn_over', detail: turnOverText(said) };
}

const asks = (at: number, { tool_name: tool, tool_input: input }: Hook): Asked =>
  tool === 'AskUserQuestion'
    ? { at, state: 'asking', detail: questionText(input), choices: choicesOf(input), tool }
    : { at, state: 'permission', detail: permissionText(tool, input), tool };

/** A request carries no id of its call. The question tool's answer comes back within its input, so that is left out. */
const keyOf = ({ tool_name: tool = '', tool_input: input, input_key: key }: Hook): string =>
  tool === 'AskUserQuestion' ? tool : `${tool} ${key ?? inputKey(input)}`;

/** As `scripts/agent-hook.mjs` computes it. */
const inputKey = (input: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(input ?? null))
    .digest('base64url');

/** Of two at the same instant always the same one, whichever came first. */
const newest = <T extends { readonly at: number }>(held: T | undefined, come: T): T =>
  held && (held.at > come.at || (held.at === come.at && JSON.stringify(held) >= JSON.stringify(come))) ? held : come;

function keepNewest(map: ReadonlyMap<string, number>, key: string, at: number): ReadonlyMap<string, number> {
  const held = map.get(key);
  return held !== undefined && held >= at ? map : new Map(map).set(key, at);
}

function keepNewestOf<T extends { readonly at: number }>(map: ReadonlyMap<string, T>, key: string, come: T) {
  const kept = newest(map.get(key), come);
  return kept === map.get(key) ? map : new Map(map).set(key, kept);
}

function lastOf<T>(map: ReadonlyMap<string, T>, at: (value: T) => number): ReadonlyMap<string, T> {
  if (map.size <= PROMPTS_KEPT) return map;
  return new Map([...map].toSorted(([, a], [, b]) => at(b) - at(a)).slice(0, PROMPTS_KEPT));
}

/** The same track by a clock that was set by so many ms. */
export function moved(track: Track, ms: number): Track {
  const at = (time: number): number => time + ms;
  const each = <T extends { readonly at: number }>(one: T): T => ({ ...one, at: at(one.at) });
  const values = <T, U>(map: ReadonlyMap<string, T>, to: (value: T) => U) =>
    new Map([...map].map(([key, value]) => [key, to(value)]));
  return {
    asked: values(track.asked, each),
    settled: values(track.settled, at),
    prompt: track.prompt && each(track.prompt),
    begun: values(track.begun, at),
    ends: values(track.ends, each),
    tool: track.tool && each(track.tool),
    reminder: track.reminder && each(track.reminder),
  };
}

/** What the latest prompt came to; the end of an earlier one is no news of it. */
export function latestEnd({ prompt, begun, ends }: Track): TurnEnd | undefined {
  const all = [...ends.values()].toSorted(newestFirst);
  if (prompt?.id === undefined) return all.find(({ at }) => at >= (prompt?.at ?? 0));
  const known = (id: string | undefined): boolean => id !== undefined && begun.has(id);
  return all.find(({ promptId, at }) => promptId === prompt.id || (!known(promptId) && at > prompt.at));
}

/** Of two at the same instant always the same one first. */
const newestFirst = (a: { at: number; detail: string }, b: { at: number; detail: string }): number =>
  b.at - a.at || (a.detail < b.detail ? -1 : 1);

/** Requests that nothing has settled since, newest first. */
export function openRequests({ asked, settled, reminder }: Track): readonly Omit<Asked, 'tool'>[] {
  const open = [...asked]
    .filter(([key, { at }]) => (settled.get(key) ?? 0) < at)
    .map(([, request]) => request)
    .toSorted(newestFirst);
  const lastSettled = Math.max(0, ...settled.values());
  if (open.length > 0 || !reminder || reminder.at <= lastSettled) return open;
  return [{ at: reminder.at, state: 'permission', detail: reminder.detail.slice(0, 200) }];
}

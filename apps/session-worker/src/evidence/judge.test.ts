import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Hook } from './hook.ts';
import { type AgentStatus, judge } from './judge.ts';
import { EMPTY_TRACK, type Note, note } from './track.ts';

const T = 1_795_261_148_000;
const SILENT_MS = 600_000;

const at = (seconds: number, hook_event_name: string, more: Partial<Hook> = {}): Note => ({
  at: T + seconds * 1_000,
  hook: { hook_event_name, prompt_id: 'p1', ...more },
});
const bash = (command = 'make'): Partial<Hook> => ({ tool_name: 'Bash', tool_input: { command } });
const status = (seconds: number, state: AgentStatus['state'], waitingFor?: string): AgentStatus => ({
  state,
  at: T + seconds * 1_000,
  waitingFor,
});
const seen = (notes: readonly Note[], more: object = {}, seconds = 20) =>
  judge({ track: notes.reduce(note, EMPTY_TRACK), ...more }, T + seconds * 1_000, SILENT_MS);

const asking = (question: string, ...labels: string[]) => ({ question, options: labels.map((label) => ({ label })) });
const QUESTION: Partial<Hook> = {
  tool_name: 'AskUserQuestion',
  tool_input: { questions: [{ question: 'Which colour?', options: [{ label: 'Red' }, { label: 'Blue' }] }] },
};

describe('hooks alone', () => {
  test.each<[string, Note[], string | undefined]>([
    ['nothing', [], undefined],
    ['a prompt', [at(0, 'UserPromptSubmit')], 'working'],
    ['a prompt that a person completes with', [at(0, 'UserPromptSubmit', { prompt: ' /complete done' })], undefined],
    ['a prompt that only looks like it', [at(0, 'UserPromptSubmit', { prompt: '/completely other' })], 'working'],
    ['a tool', [at(0, 'PreToolUse', bash())], 'working'],
    [
      'a tool of which the request is open',
      [at(0, 'PreToolUse', bash()), at(1, 'PermissionRequest', bash())],
      'permission',
    ],
    [
      'a tool beside another’s open request',
      [at(1, 'PermissionRequest', bash()), at(9, 'PostToolUse', bash('ls'))],
      'permission',
    ],
    ['a request that was granted', [at(1, 'PermissionRequest', bash()), at(9, 'PostToolUse', bash())], 'working'],
    [
      'the same request again',
      [at(1, 'PermissionRequest', bash()), at(3, 'PostToolUse', bash()), at(5, 'PermissionRequest', bash())],
      'permission',
    ],
    [
      'a request whose tool failed',
      [at(1, 'PermissionRequest', bash()), at(9, 'PostToolUseFailure', bash())],
      'working',
    ],
    ['a question', [at(0, 'UserPromptSubmit'), at(1, 'PermissionRequest', QUESTION)], 'asking'],
    ['the end of a turn', [at(0, 'UserPromptSubmit'), at(3, 'Stop')], 'turn_over'],
    ['the end of a turn and a tool that came late', [at(3, 'Stop'), at(4, 'PostToolUse', bash())], 'turn_over'],
    ['a tool long after the end of a turn', [at(3, 'Stop'), at(10, 'PreToolUse', bash())], 'working'],
    ['the end of a subagent', [at(0, 'UserPromptSubmit'), at(3, 'SubagentStop')], 'working'],
    [
      'a turn that ends while a subagent works',
      [at(0, 'UserPromptSubmit'), at(3, 'Stop', { background_tasks: [{ type: 'subagent', status: 'running' }] })],
      'working',
    ],
    [
      'a turn that ends while a shell runs',
      [at(0, 'UserPromptSubmit'), at(3, 'Stop', { background_tasks: [{ type: 'shell', status: 'running' }] })],
      'turn_over',
    ],
    [
      'a queued prompt and the end of the one before',
      [at(0, 'UserPromptSubmit'), at(2, 'UserPromptSubmit', { prompt_id: 'p2' }), at(3, 'Stop')],
      'working',
    ],
    [
      'both prompts at their end',
      [
        at(0, 'UserPromptSubmit'),
        at(2, 'UserPromptSubmit', { prompt_id: 'p2' }),
        at(3, 'Stop'),
        at(4, 'Stop', { prompt_id: 'p2' }),
      ],
      'turn_over',
    ],
    ['a limit', [at(0, 'UserPromptSubmit'), at(3, 'StopFailure', { error: 'rate_limit' })], 'limited'],
    ['a model that fails', [at(0, 'UserPromptSubmit'), at(3, 'StopFailure', { error: 'server_error' })], 'turn_over'],
    ['a reminder of a request', [at(6, 'Notification', { notification_type: 'permission_prompt' })], 'permission'],
    ['a reminder of idleness', [at(6, 'Notification', { notification_type: 'idle_prompt' })], undefined],
    [
      'a reminder that was answered',
      [at(6, 'Notification', { notification_type: 'permission_prompt' }), at(7, 'PostToolUse', bash())],
      'working',
    ],
    ['the end of the session', [at(3, 'SessionEnd')], undefined],
    ['an event that we do not know', [at(3, 'SomethingNew')], undefined],
  ])('%s', (_what, notes, state) => {
    expect(seen(notes)?.state).toBe(state);
  });

  test('the question, its answers, what is to be permitted and the end of a limit are told', () => {
    expect(seen([at(0, 'PermissionRequest', QUESTION)])?.detail).toBe('the agent asks: Which colour? (1 Red, 2 Blue)');
    expect(seen([at(0, 'PermissionRequest', bash('rm\n -rf x'))])?.detail).toBe('the agent asks to use Bash: rm -rf x');
    const limit = (last_assistant_message: string) =>
      seen([at(0, 'StopFailure', { error: 'rate_limit', last_assistant_message })]);
    expect(limit('Claude AI usage limit reached|1893456000')?.detail).toBe(
      'usage limit reached until 2030-01-01T00:00:00.000Z',
    );
    expect(limit("You've hit your limit · resets 3pm")?.detail).toBe(
      "usage limit reached: You've hit your limit · resets 3pm",
    );
    expect(seen([at(0, 'Stop', { last_assistant_message: 'What next?' })])?.detail).toContain(
      'it last said: What next?',
    );
  });

  test.each<[string, { question: string; options: { label: string }[] }[], readonly string[] | undefined]>([
    ['one question', [asking('Which colour?', ' Red', 'Blue,\n3 green')], ['Red', 'Blue, 3 green']],
    ['labels without end', [asking('Which?', 'x'.repeat(9_000))], [`${'x'.repeat(199)}…`]],
    ['more choices than digits', [asking('Which?', ...'abcdefghijkl')], [...'abcdefghi']],
    ['several questions, of which one is asked after the other', [asking('A?', 'x'), asking('B?', 'y', 'z')], ['', '']],
    ['a question in words', [asking('What is its name?')], undefined],
  ])('what its digits mean: %s', (_what, questions, choices) => {
    const hook = { tool_name: 'AskUserQuestion', tool_input: { questions } };
    expect(seen([at(0, 'PermissionRequest', hook)])?.choices).toEqual(choices);
  });

  test('what a hook says is kept short', () => {
    const long = 'x'.repeat(10_000);
    const tool = { tool_name: long, tool_input: { command: long } };
    const hooks = [
      at(0, 'PermissionRequest', tool),
      at(0, 'Stop', { last_assistant_message: long }),
      at(0, 'StopFailure', { error: long, last_assistant_message: long }),
    ];
    for (const hook of hooks) expect(seen([hook])?.detail?.length).toBeLessThanOrEqual(600);
  });
});

describe('with the agent’s own status', () => {
  const asked = [at(0, 'UserPromptSubmit'), at(1, 'PermissionRequest', bash())];
  test.each<[string, Note[], AgentStatus, string]>([
    ['a request that was granted a moment ago', asked, status(5, 'busy'), 'working'],
    ['a request that was refused', asked, status(5, 'idle'), 'turn_over'],
    ['a request that is open', asked, status(1.02, 'waiting', 'permission prompt'), 'permission'],
    ['a status from before the request', asked, status(0.1, 'busy'), 'permission'],
    ['a question that no hook told', [at(0, 'UserPromptSubmit')], status(5, 'waiting', 'input needed'), 'asking'],
    [
      'an open dialog beside another tool at work',
      [at(0, 'UserPromptSubmit'), at(15, 'PostToolUse', bash('ls'))],
      status(5, 'waiting', 'permission prompt'),
      'permission',
    ],
    ['an interrupted turn', [at(0, 'UserPromptSubmit')], status(5, 'idle'), 'turn_over'],
    [
      'a limit, after which it is idle',
      [at(0, 'UserPromptSubmit'), at(3, 'StopFailure', { error: 'rate_limit' })],
      status(3.1, 'idle'),
      'limited',
    ],
    [
      'a turn that waits for subagents, and is idle meanwhile',
      [at(0, 'UserPromptSubmit'), at(3, 'Stop', { background_tasks: [{ type: 'subagent', status: 'running' }] })],
      status(3.1, 'idle'),
      'working',
    ],
    ['a turn that went on after its end', [at(0, 'UserPromptSubmit'), at(3, 'Stop')], status(3.5, 'busy'), 'working'],
  ])('%s', (_what, notes, own, state) => {
    expect(seen(notes, { status: own })?.state).toBe(state);
  });
});

describe('silence', () => {
  const working = [at(0, 'UserPromptSubmit')];
  const minutes = 60;
  test('is only where neither hooks nor transcript nor terminal moved for long enough', () => {
    const quiet = { screenSince: T };
    expect(seen(working, quiet, 10 * minutes - 1)?.state).toBe('working');
    expect(seen(working, quiet, 10 * minutes)).toEqual({
      state: 'silent',
      detail: 'neither its hooks nor its terminal have shown anything since 2026-11-21T11:39:08.000Z',
    });
    expect(seen(working, {}, 90 * minutes)?.state).toBe('working'); // its terminal was never seen
    expect(seen(working, { ...quiet, transcriptAt: T + 60_000 }, 10 * minutes)?.state).toBe('working');
    expect(seen([...working, at(60, 'PreToolUse')], quiet, 10 * minutes)?.state).toBe('working');
    expect(seen(working, { screenSince: T + 60_000 }, 10 * minutes)?.state).toBe('working');
  });

  test('is seen of an agent without hooks, and hides nothing that is known', () => {
    expect(seen([], { screenSince: T }, 10 * minutes)?.state).toBe('silent');
    expect(seen([at(3, 'Stop')], { screenSince: T }, 90 * minutes)?.state).toBe('turn_over');
    expect(seen([at(3, 'Stop')], { ended: { exitCode: 7, at: T } })).toEqual({
      state: 'exited',
      detail: 'the agent ended with exit code 7 and gave no summary; its terminal asks for one',
    });
  });
});

describe('whatever the order', () => {
  const SOAK = Number(process.env.PCO_SOAK_FACTOR ?? 1);
  const anyNote = fc
    .record({
      seconds: fc.integer({ min: 0, max: 30 }),
      event: fc.constantFrom(
        'UserPromptSubmit',
        'PreToolUse',
        'PostToolUse',
        'PermissionRequest',
        'Stop',
        'StopFailure',
        'Notification',
      ),
      prompt: fc.constantFrom('p1', 'p2', undefined),
      tool: fc.constantFrom('Bash', 'Write', 'AskUserQuestion'),
      input: fc.constantFrom('a', 'b'),
      error: fc.constantFrom('rate_limit', 'server_error'),
    })
    .map(({ seconds, event, prompt, tool, input, error }) =>
      at(seconds, event, {
        prompt_id: prompt,
        tool_name: tool,
        tool_input: { command: input },
        error,
        notification_type: 'permission_prompt',
      } as Partial<Hook>),
    );
  const anyStatus = fc.option(
    fc
      .tuple(fc.integer({ min: 0, max: 30 }), fc.constantFrom('idle', 'busy', 'waiting'))
      .map(([s, state]) => status(s, state as AgentStatus['state'])), // one of its own
    { nil: undefined },
  );

  test('hooks that come in another order, or twice, say the same', () => {
    fc.assert(
      fc.property(
        fc
          .array(anyNote, { maxLength: 25 })
          .chain((notes) =>
            fc.tuple(fc.constant(notes), fc.shuffledSubarray(notes, { minLength: notes.length }), fc.subarray(notes)),
          ),
        anyStatus,
        ([notes, shuffled, again], own) => {
          expect(seen([...shuffled, ...again], { status: own }, 40)).toEqual(seen(notes, { status: own }, 40));
        },
      ),
      { numRuns: 500 * SOAK },
    );
  });

  test('the newest exact word counts: after the end of the latest turn nothing late makes it work', () => {
    fc.assert(
      fc.property(fc.array(anyNote, { maxLength: 20 }), (notes) => {
        const end = at(31, 'Stop', { prompt_id: 'p9' });
        const begin = at(30.5, 'UserPromptSubmit', { prompt_id: 'p9' });
        const late = notes
          .map(({ hook }) => hook)
          .filter(({ hook_event_name: event }) => event === 'PreToolUse' || event === 'PostToolUse');
        const stragglers = late.map((hook) => ({ at: T + 36_000, hook }));
        expect(seen([...notes, begin, end, ...stragglers], {}, 37)?.state).toBe('turn_over');
      }),
      { numRuns: 300 * SOAK },
    );
  });

  test('a request that nothing has settled is never hidden by tools at work', () => {
    fc.assert(
      fc.property(fc.array(anyNote, { maxLength: 20 }), fc.integer({ min: 31, max: 60 }), (notes, later) => {
        const request = at(31, 'PermissionRequest', { tool_name: 'Edit', tool_input: { file: 'x' } });
        const others = notes
          .filter(({ hook }) => hook.hook_event_name.endsWith('ToolUse'))
          .map(({ hook }) => ({ at: T + later * 1_000, hook }));
        expect(['asking', 'permission']).toContain(seen([...notes, request, ...others], {}, 61)?.state);
      }),
      { numRuns: 300 * SOAK },
    );
  });
});

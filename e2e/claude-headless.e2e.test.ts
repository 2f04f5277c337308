import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClaudeStack, startClaudeStack } from './support/claude/claude-stack.ts';
import { fetchClaude } from './support/claude/fetch-claude.ts';
import { bash, begin, gate, listenTo, observed, question, transcript } from './support/claude/story.ts';
import { ask, askUntilHeard, updatePlane } from './support/people.ts';
import { until } from './support/until.ts';

// The real Claude Code without its terminal interface, in the whole product; only its model is a script.
let claude: ClaudeStack;
beforeAll(async () => {
  const claudeBin = process.env.PCO_TEST_CLAUDE || (await fetchClaude((line) => console.log(line))).path;
  const automation = {
    mode: 'headless',
    keep_minutes: 0.15,
    allowed_tools: ['Write', 'Bash(git *)'],
    agent: { max_turns: 6 },
  };
  claude = await startClaudeStack({ claudeBin, automation });
}, 16 * 60_000);
afterAll(async () => {
  await claude?.[Symbol.asyncDispose]();
});

const tell = (id: string, verb: string, body: object = {}) =>
  ask(claude.stack, 'POST', `/api/tickets/${id}/${verb}`, body);

test('a headless agent works in its worktree, is watched in its terminal, and its result is the summary', async () => {
  const { stack, model } = claude;
  const testing = gate();
  const id = await begin(claude, 'Write out.txt unattended', (key) => [
    {
      text: 'I write the file.',
      tool: { name: 'Write', input: { file_path: join(claude.worktree(key), 'out.txt'), content: 'by the agent\n' } },
    },
    { text: 'I commit it.', tool: bash('git add out.txt && git commit -m "Add out.txt"'), after: testing.opened },
    { text: 'Wrote out.txt, and\n- committed it' },
  ]);
  await observed(claude, id, 'working');
  await using live = await listenTo(claude, id);
  await until('it can be watched', async () => (await claude.screen(id)).includes('I write the file.'));
  const file = join(claude.worktree(id), 'out.txt');
  await until('the file is written', () => existsSync(file) && readFileSync(file, 'utf8') === 'by the agent\n');
  await until('its tool call is told live', () => live.text().includes('"name":"Write"'));
  testing.open();
  const completed = await stack.waitForStatus(id, 'completed');
  expect(completed.summary).toBe('Wrote out.txt, and\n- committed it');
  const history = await stack.store.history(id);
  expect(history.map(({ event }) => JSON.stringify(event)).join('\n')).toContain('"channel":"result"');
  expect(JSON.stringify(history), 'nobody was called in between').not.toContain('turn_over');
  expect(model.requests('Write out.txt unattended')[0]?.prompt).toContain(`# ${id}: Write out.txt unattended`);

  // an answer to the summary goes on in the same conversation, and its result is a new summary
  model.script('Please add a test', [{ text: 'Added a test.' }]);
  await askUntilHeard(stack, 'POST', `/api/tickets/${id}/reject`, { text: 'Please add a test' });
  const again = await until('the new summary is there', async () => {
    const { ticket } = await stack.store.load(id);
    return ticket?.summary === 'Added a test.' ? ticket : false;
  });
  expect(again).toMatchObject({ status: 'completed', session: { id: `claude-${id}` } });
  await updatePlane(stack, id, 'Added a test.');
  await until('Plane has it', () =>
    stack.emulator.item(id).comments.some(({ html }) => html.includes('Added a test.')),
  );
  await until('its session is stopped', () => !stack.hasSession(`claude-${id}`));
  const done = await until('its cost is known', async () => {
    const { ticket } = await stack.store.load(id);
    return ticket?.result?.cost ? ticket : false;
  });
  expect(done.result).toMatchObject({ commits: 1, uncommitted: 0 });
  expect(done.result?.tokens).toBeGreaterThan(0);

  // all of it was told live, and is told afterwards, each line once
  await until('the end is told', () => live.text().includes('event: end'));
  const told = await transcript(claude, id);
  for (const text of [
    'assistant: I write the file.',
    'tool Write',
    'tool Bash',
    'user: Please add a test',
    'assistant: Added a test.',
  ])
    expect(told).toContain(text);
  const [, second = 0, third = 0] = live.ids();
  await using rest = await listenTo(claude, id, second);
  await until('the rest is told', () => rest.text().includes('event: end'));
  expect(rest.ids()).toEqual(live.ids().filter((line) => line >= third));
  expect(claude.conversations(id)).toBe(1);
});

test('a headless agent asks for a permission and a choice, and gets what a person answers', async () => {
  const id = await begin(claude, 'Ask while unattended', () => [
    { text: 'I need a program.', tool: bash('sh -c "echo permitted > permitted.txt"') },
    { text: 'I have to know.', tool: question('Which colour?', 'Red', 'Blue') },
    { text: 'And another.', tool: bash('sh -c "echo refused > refused.txt"') },
    ({ conversation }) => ({
      text: `Answered ${/Which colour\?\\*"=\\*"Blue/.test(conversation) ? 'blue' : 'nothing'}`,
    }),
  ]);
  expect(await observed(claude, id, 'permission')).toMatchObject({
    status: 'waiting',
    observed: { detail: expect.stringContaining('the agent asks to use Bash: sh -c') },
  });
  const file = join(claude.worktree(id), 'permitted.txt');
  expect(existsSync(file)).toBe(false);
  await until('the question is on the screen', async () => (await claude.screen(id)).includes('Allow it?'));
  expect((await tell(id, 'answer', { answer: 'yes' })).status).toBe(200);
  const asking = await observed(claude, id, 'asking');
  expect(asking.observed?.detail).toBe('the agent asks: Which colour? (1 Red, 2 Blue)');
  expect(readFileSync(file, 'utf8')).toBe('permitted\n');
  expect((await tell(id, 'answer', { answer: '2' })).status).toBe(200);
  await observed(claude, id, 'permission');
  expect((await tell(id, 'answer', { answer: 'no' })).status).toBe(200);
  expect((await claude.stack.waitForStatus(id, 'completed')).summary).toBe('Answered blue');
  expect(existsSync(join(claude.worktree(id), 'refused.txt'))).toBe(false);
});

test('a limit and an interrupt complete nothing, and a message lets the agent go on', async () => {
  const { stack, model } = claude;
  const never = gate();
  const id = await begin(claude, 'Run into a limit unattended', () => [{ text: '', fails: 429 }]);
  expect(await observed(claude, id, 'limited')).toMatchObject({
    status: 'waiting',
    observed: { detail: expect.stringContaining('usage limit reached') },
  });
  model.script('Think for ever', [{ text: 'Never said.', after: never.opened }]);
  expect((await tell(id, 'send', { text: 'Think for ever' })).status).toBe(200);
  await until('the model is asked', () => model.requests('Think for ever').length > 0);
  await observed(claude, id, 'working');
  expect((await tell(id, 'interrupt')).status).toBe(200);
  expect((await observed(claude, id, 'turn_over')).summary).toBeUndefined();
  never.open();
  model.script('Say it now', [{ text: 'Said now.' }]);
  expect((await tell(id, 'send', { text: 'Say it now' })).status).toBe(200);
  expect((await stack.waitForStatus(id, 'completed')).summary).toBe('Said now.');
});

test('a headless result that nobody was there to hear is found afterwards, and a killed agent is gone on with', async () => {
  const { stack, model } = claude;
  const worker = stack.services['session-worker'];
  const thinking = gate();
  const id = await begin(claude, 'Finish while nobody looks', () => [
    { text: 'The turquoise giraffe is done.', after: thinking.opened },
  ]);
  await observed(claude, id, 'working');
  await worker.kill();
  thinking.open();
  const result = join(stack.dir, 'data/spool', `result-claude-${id}.txt`);
  await until('the result is on disk', () => existsSync(result));
  worker.start();
  expect((await stack.waitForStatus(id, 'completed')).summary).toBe('The turquoise giraffe is done.');

  const never = gate();
  model.script('Once more', [{ text: 'Never said.', after: never.opened }]);
  await askUntilHeard(stack, 'POST', `/api/tickets/${id}/reject`, { text: 'Once more' });
  await until('the model is asked', () => model.requests('Once more').length > 0);
  const [agent] = claude.agents(id);
  process.kill(agent ?? 0, 'SIGKILL');
  expect((await observed(claude, id, 'exited')).observed?.detail).toContain('exit code 137');
  never.open();
  expect((await tell(id, 'stop')).status).toBe(200);
  await stack.waitForStatus(id, 'failed');
  model.script(`Go on with the ticket ${id}`, [{ text: 'Gone on with.' }]);
  expect((await askUntilHeard(stack, 'POST', `/api/tickets/${id}/retry`, { resume: true })).status).toBe(200);
  const again = await stack.waitForStatus(id, 'completed');
  expect(again).toMatchObject({ summary: 'Gone on with.', session: { id: `claude-${id}-2` } });
  expect(model.requests(`Go on with the ticket ${id}`).at(-1)?.conversation).toContain('turquoise giraffe');
});

test('at a limit of its budget the agent is stopped after a warning, and a retry goes on with a fresh one', async () => {
  const { stack, model } = claude;
  const last = gate();
  const never = gate();
  const id = await begin(claude, 'Work on and on', () => [
    ...[1, 2, 3, 4].map((turn) => ({ text: `Turn ${turn}.`, tool: bash('git --version') })),
    { text: 'Turn 5.', tool: bash('git --version') },
    { text: 'Turn 6.', tool: bash('git --version'), after: last.opened },
    { text: 'Never said.', after: never.opened },
  ]);
  const warned = await until('somebody is warned', async () => {
    const { ticket } = await stack.store.load(id);
    return ticket?.session?.warned ? ticket : false;
  });
  expect(warned).toMatchObject({ status: 'active', session: { warned: ['turns'] } });
  const { body } = await ask(stack, 'GET', `/api/tickets/${id}`);
  expect(body).toMatchObject({ near_limits: ['turns'], used: { turns: 5 } });
  last.open();
  const stopped = await stack.waitForStatus(id, 'failed');
  expect(stopped.reason).toMatchObject({
    code: 'BUDGET_TURNS',
    text: expect.stringMatching(/stopped after \d+ turns of 6 turns; the work stays on the branch pco\//),
  });
  expect(stopped.summary).toBeUndefined();
  await until('its terminal is closed', () => !stack.hasSession(`claude-${id}`));
  expect(claude.agents(id)).toEqual([]);
  never.open();
  model.script(`Go on with the ticket ${id}`, [{ text: 'Come to an end.' }]);
  expect((await askUntilHeard(stack, 'POST', `/api/tickets/${id}/retry`, { resume: true })).status).toBe(200);
  expect((await stack.waitForStatus(id, 'completed')).summary).toBe('Come to an end.');
});

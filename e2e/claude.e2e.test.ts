import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { openTerminal } from './support/browser-terminal.ts';
import { type ClaudeStack, startClaudeStack } from './support/claude/claude-stack.ts';
import { fetchClaude } from './support/claude/fetch-claude.ts';
import { bash, begin, gate, observed, question, transcript } from './support/claude/story.ts';
import { ask, askUntilHeard, updatePlane } from './support/people.ts';
import { until } from './support/until.ts';

// The real Claude Code in the whole product; only its model is a script. It is never skipped: what is missing is fetched.
const FETCH_LIMIT_MS = 16 * 60_000;
/** Long enough for a person's second thoughts in these tests, short enough to see the terminal close. */
const KEEP_MINUTES = 0.15;
const ALLOWED = ['Write', 'Bash(git *)'];
const RECORDED = 'Completion recorded. The summary now awaits approval.';

let claude: ClaudeStack;
beforeAll(async () => {
  const claudeBin = process.env.PCO_TEST_CLAUDE || (await fetchClaude((line) => console.log(line))).path;
  claude = await startClaudeStack({ claudeBin, automation: { keep_minutes: KEEP_MINUTES, allowed_tools: ALLOWED } });
}, FETCH_LIMIT_MS);
afterAll(async () => {
  await claude?.[Symbol.asyncDispose]();
});

/** When the commit was made by which the ticket counts as active. */
async function activeAt(id: string): Promise<number> {
  const history = await claude.stack.store.history(id);
  return history.find(({ event }) => Moved.safeParse(event).data?.to === 'active')?.at ?? 0;
}
const Moved = z.object({ to: z.string() });

const isWorkerReady = async (): Promise<boolean> => {
  const { session_worker } = parse(readFileSync(claude.stack.configFile, 'utf8')) as {
    session_worker: { port: number };
  }; // the stack wrote it
  return fetch(`http://127.0.0.1:${session_worker.port}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
};

/** The letters that came to a screen; a program jumps over the spaces. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about control sequences
const shownIn = (output: string): string => output.replaceAll(/\u001b\[[^@-~]*[@-~]|\s/g, '');

test('a work item goes the whole way: Claude works, a person says /complete, Plane has the comment', async () => {
  const { stack, model } = claude;
  const title = 'Write out.txt';
  const id = await begin(claude, title, (key) => [
    {
      text: 'I write the file.',
      tool: { name: 'Write', input: { file_path: join(claude.worktree(key), 'out.txt'), content: 'by the agent\n' } },
    },
    { text: 'I commit it.', tool: bash('git add out.txt && git commit -m "Add out.txt"') },
    { text: 'out.txt is written and committed.' },
  ]);

  // that it goes quiet completes nothing: it is shown as waiting for a person
  const waiting = await observed(claude, id, 'turn_over');
  expect(waiting).toMatchObject({ status: 'waiting', session: { id: `claude-${id}` } });
  expect(waiting.summary).toBeUndefined();
  const accepted = statSync(join(stack.dir, 'data/sessions', `claude-${id}`, 'accepted'));
  expect(Math.floor(accepted.mtimeMs), 'the prompt was taken before').toBeLessThanOrEqual(await activeAt(id));
  const [first] = model.requests(title);
  expect(first?.prompt).toContain(`# ${id}: ${title}`);
  expect(readFileSync(join(claude.worktree(id), 'out.txt'), 'utf8')).toBe('by the agent\n');
  expect(await claude.screen(id)).not.toContain('Settings Warning');

  expect(await transcript(claude, id)).toEqual(
    expect.arrayContaining(['tool Write', 'tool Bash', 'assistant: out.txt is written and committed.']),
  );
  const asked = model.requests().length;
  expect(claude.agents(id)).toHaveLength(1);
  const summary = 'Wrote "out.txt" & $(checked) it';
  await using browser = await openTerminal(stack.api, id);
  browser.type(`/complete ${summary}`);
  await until('it is typed', async () => (await claude.screen(id)).includes(`/complete ${summary}`));
  const before = browser.output().length;
  browser.type('\r');
  expect((await stack.waitForStatus(id, 'completed')).summary).toBe(summary);
  await until('the person is told', async () => (await claude.screen(id)).includes(RECORDED));
  // Claude draws what has changed only: letters that stood in their place already do not come again
  const words = RECORDED.match(/\w{6,}/g) ?? [];
  await until('the browser shows it too', () => {
    const shown = shownIn(browser.output().slice(before));
    return words.filter((word) => shown.includes(word)).length >= 2;
  });

  expect((await updatePlane(stack, id, summary)).body).toMatchObject({ comment_posted: true, state_updated: true });
  const item = stack.emulator.item(id);
  expect(item.state).toBe('In Progress');
  expect(item.comments.map(({ html }) => html)).toEqual([
    expect.stringContaining('<p>Wrote &quot;out.txt&quot; &amp; $(checked) it</p>'),
  ]);

  await until('its session is stopped', () => !stack.hasSession(`claude-${id}`));
  await until('Claude has ended', () => claude.agents(id).length === 0);
  const ticket = await until('its cost is known', async () => {
    const { ticket: now } = await stack.store.load(id);
    return now?.result?.cost ? now : false;
  });
  expect(ticket).toMatchObject({ status: 'done', result: { commits: 1, uncommitted: 0 } });
  expect(ticket.result?.tokens, 'tokens of its transcript').toBeGreaterThan(0);
  expect(model.requests().length, 'model requests for the completion').toBe(asked);
  expect(claude.conversations(id), 'agents that ever ran').toBe(1);
});

test('the agent reports its own completion with complete-ticket, and needs no permission for it', async () => {
  const id = await begin(claude, 'Report by command', (key) => [
    { text: 'Nothing is left to do.', tool: bash(`complete-ticket ${key} "Looked: it's \\"done\\" already."`) },
    { text: 'Reported.' },
  ]);
  expect((await claude.stack.waitForStatus(id, 'completed')).summary).toBe('Looked: it\'s "done" already.');
});

test('the agent reports its own completion with the skill of that name', async () => {
  const id = await begin(claude, 'Report by skill', () => [
    { text: 'Done.', tool: { name: 'Skill', input: { skill: 'complete', args: 'Said by the "skill" & $(it).' } } },
    { text: 'Reported.' },
  ]);
  expect((await claude.stack.waitForStatus(id, 'completed')).summary).toBe('Said by the "skill" & $(it).');
});

test('a request for permission is shown as waiting, and its answer in the terminal lets the work go on', async () => {
  const afterwards = gate();
  const id = await begin(claude, 'Ask before writing', () => [
    { text: 'I need a program.', tool: bash('sh -c "echo permitted > permitted.txt"') },
    { text: 'It is written.', after: afterwards.opened },
  ]);
  const asking = await observed(claude, id, 'permission');
  expect(asking).toMatchObject({
    status: 'waiting',
    observed: { detail: expect.stringContaining('the agent asks to use Bash: sh -c') },
  });
  await until('the question is on the screen', async () => (await claude.screen(id)).includes('1. Yes'));
  const file = join(claude.worktree(id), 'permitted.txt');
  expect(existsSync(file)).toBe(false);
  await claude.press(id, '1');
  await claude.stack.waitForStatus(id, 'active');
  await until('the file is written', () => existsSync(file) && readFileSync(file, 'utf8') === 'permitted\n');
  afterwards.open();
  expect(await observed(claude, id, 'turn_over')).toMatchObject({ status: 'waiting' });
});

test('a question of the agent is shown with its choices, and a digit in the terminal answers it', async () => {
  const id = await begin(claude, 'Ask for a colour', () => [
    { text: 'I have to know.', tool: question('Which colour?', 'Red', 'Blue') },
    { text: 'Blue, then.' },
  ]);
  const asking = await observed(claude, id, 'asking');
  expect(asking).toMatchObject({
    status: 'waiting',
    observed: { detail: 'the agent asks: Which colour? (1 Red, 2 Blue)' },
  });
  await until('the question is on the screen', async () => (await claude.screen(id)).includes('2. Blue'));
  await claude.press(id, '2');
  expect((await observed(claude, id, 'turn_over')).observed?.detail).toContain('it last said: Blue, then.');
});

test('a refused permission and an interrupted turn, of which no hook speaks, are shown as waiting', async () => {
  const never = gate();
  const id = await begin(claude, 'Refuse and interrupt', () => [
    { text: 'I need a program.', tool: bash('sh -c "echo no"') },
  ]);
  await observed(claude, id, 'permission');
  await until('the question is on the screen', async () => (await claude.screen(id)).includes('1. Yes'));
  await claude.press(id, 'Escape');
  expect((await observed(claude, id, 'turn_over')).observed?.detail).toContain('was refused');
  claude.model.script('Think for ever', [{ text: 'Never said.', after: never.opened }]);
  await claude.type(id, 'Think for ever');
  await until('the model is asked', () => claude.model.requests('Think for ever').length > 0);
  await claude.stack.waitForStatus(id, 'active');
  await claude.press(id, 'Escape');
  await observed(claude, id, 'turn_over');
  never.open();
});

test('a usage limit is shown as such', async () => {
  const id = await begin(claude, 'Run into a limit', () => [{ text: '', fails: 429 }]);
  expect(await observed(claude, id, 'limited')).toMatchObject({
    status: 'waiting',
    observed: { detail: expect.stringContaining('usage limit reached') },
  });
});

test('Claude outlives the session-worker, which hears of it again and finds what was completed in its absence', async () => {
  const { stack, model } = claude;
  const worker = stack.services['session-worker'];
  const id = await begin(claude, 'Outlive the worker', () => [{ text: 'What shall I do?' }]);
  await observed(claude, id, 'turn_over');
  const pids = claude.agents(id);
  expect(pids).toHaveLength(1);
  await worker.kill();
  worker.start();
  await until('the worker is ready', isWorkerReady);

  const answering = gate();
  model.script('Go on, please', [{ text: 'I have gone on.', after: answering.opened }]);
  await claude.type(id, 'Go on, please');
  await stack.waitForStatus(id, 'active');
  answering.open();
  await observed(claude, id, 'turn_over');

  await worker.kill();
  await claude.type(id, '/complete Finished while nobody looked');
  const spool = join(stack.dir, 'data/spool', `completion-claude-${id}.txt`);
  await until('the summary is on disk', () => existsSync(spool));
  expect(claude.agents(id)).toEqual(pids);
  await until('the person is told', async () => (await claude.screen(id)).includes(RECORDED));
  worker.start();
  expect((await stack.waitForStatus(id, 'completed')).summary).toBe('Finished while nobody looked');
  expect(claude.conversations(id)).toBe(1);
});

test('a rejected summary reaches Claude as a prompt, and the ticket is at work again', async () => {
  const { stack, model } = claude;
  const id = await begin(claude, 'Answer a rejection', () => [{ text: 'Done, I think.' }]);
  await observed(claude, id, 'turn_over');
  const pids = claude.agents(id);
  await claude.type(id, '/complete All done');
  await stack.waitForStatus(id, 'completed');
  const testing = gate();
  model.script('Please add a test', [{ text: 'I add a test.', after: testing.opened }]);
  const answer = await askUntilHeard(stack, 'POST', `/api/tickets/${id}/reject`, { text: 'Please add a test' });
  expect(answer.body).toEqual({ status: 'rejected', ticket_id: id });
  await until('Claude was told', () => model.requests('Please add a test').length > 0);
  expect(await observed(claude, id, 'working')).toMatchObject({ status: 'active' });
  testing.open();
  await observed(claude, id, 'turn_over');
  expect(claude.agents(id)).toEqual(pids);
});

test('a long answer to a summary is a file, which Claude reads without asking', async () => {
  const { stack, model } = claude;
  const id = await begin(claude, 'Answer at length', () => [{ text: 'Done, I think.' }]);
  await observed(claude, id, 'turn_over');
  await claude.type(id, '/complete All done');
  await stack.waitForStatus(id, 'completed');
  const order = 'Read and follow ';
  model.script(order, [
    ({ prompt }) => ({
      text: 'I read it.',
      tool: { name: 'Read', input: { file_path: prompt.slice(prompt.indexOf(order) + order.length) } },
    }),
    { text: 'I have read it.' },
  ]);
  const text = 'Not yet:\n\n- add a test\n- mention the turquoise giraffe';
  await askUntilHeard(stack, 'POST', `/api/tickets/${id}/reject`, { text });
  const seen = await observed(claude, id, 'turn_over', 'permission');
  expect(seen.observed?.state).toBe('turn_over');
  expect(model.requests(order).at(-1)?.conversation).toContain('mention the turquoise giraffe');
});

test('what a person sends, answers and interrupts through the api reaches Claude, and is confirmed by it', async () => {
  const { stack, model } = claude;
  const tell = (verb: string, body: object = {}) => ask(stack, 'POST', `/api/tickets/${id}/${verb}`, body);
  const isTold = () =>
    until('it is told', async () => {
      const { ticket } = await stack.store.load(id);
      const isSending = Object.values(ticket?.open ?? {}).some(({ type }) => type === 'session.send');
      return ticket && !isSending ? ticket : false;
    });
  const id = await begin(claude, 'Be talked to', () => [
    { text: 'I need a program.', tool: bash('sh -c "echo one > one.txt"') },
  ]);
  await observed(claude, id, 'permission');
  await until('the question is on the screen', async () => (await claude.screen(id)).includes('1. Yes'));
  expect((await tell('send', { text: '1' })).status, 'a dialog is no place for words').toBe(200);
  expect(await isTold()).toMatchObject({ status: 'waiting', reason: { code: 'SEND_REFUSED' } });
  expect((await tell('answer', { answer: 'yes' })).status).toBe(200);
  await observed(claude, id, 'turn_over');
  expect(readFileSync(join(claude.worktree(id), 'one.txt'), 'utf8')).toBe('one\n');

  const thinking = gate();
  model.script('Use the other library', [{ text: 'I do.', after: thinking.opened }, { text: 'And tested.' }]);
  expect((await tell('send', { text: 'Use the other library' })).status).toBe(200);
  expect(await isTold()).not.toHaveProperty('reason');
  await observed(claude, id, 'working');
  model.script('Test it, too', [{ text: 'Tested.' }]);
  expect((await tell('send', { text: 'Test it, too' })).status, 'while it works').toBe(200);
  expect(await isTold()).not.toHaveProperty('reason');
  thinking.open();
  await until('the queued message had its turn', () => model.requests('Test it, too').length > 0);
  await observed(claude, id, 'turn_over');

  const never = gate();
  model.script('Think for ever', [{ text: 'Never said.', after: never.opened }]);
  await tell('send', { text: 'Think for ever' });
  await observed(claude, id, 'working');
  await until('the model is asked', () => model.requests('Think for ever').length > 0);
  expect((await tell('interrupt')).status).toBe(200);
  await observed(claude, id, 'turn_over');
  never.open();
});

test('a stopped session is ended with all its processes, and a retry resumes its conversation', async () => {
  const { stack, model } = claude;
  const id = await begin(claude, 'Stop and resume', () => [{ text: 'The turquoise giraffe is noted.' }]);
  await observed(claude, id, 'turn_over');
  expect((await ask(stack, 'POST', `/api/tickets/${id}/stop`)).status).toBe(200);
  expect((await stack.waitForStatus(id, 'failed')).reason?.code).toBe('STOPPED');
  await until('its terminal is closed', () => !stack.hasSession(`claude-${id}`));
  expect(claude.agents(id)).toEqual([]);
  model.script(`Go on with the ticket ${id}`, [{ text: 'I go on.' }]);
  expect((await ask(stack, 'POST', `/api/tickets/${id}/retry`, { resume: true })).status).toBe(200);
  const again = await observed(claude, id, 'turn_over');
  expect(again.session?.id).toBe(`claude-${id}-2`);
  expect(claude.conversations(id)).toBe(1);
  expect(model.requests(`Go on with the ticket ${id}`).at(-1)?.conversation).toContain('turquoise giraffe');
  await ask(stack, 'DELETE', `/api/tickets/${id}`);
});

test('an agent that leaves without taking the prompt fails the ticket, with its last words as the reason', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'pco-not-claude-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const claudeBin = join(dir, 'claude');
  writeFileSync(claudeBin, '#!/bin/sh\necho "Please log in first: run claude and type /login"\nexit 1\n', {
    mode: 0o755,
  });
  await using other = await startClaudeStack({ claudeBin, automation: { accept_timeout: 1 } });
  const id = await other.plan('Never accepted');
  const { status, body } = await ask(other.stack, 'POST', `/api/approve/${id}?wait=20`);
  expect([status, body.code]).toEqual([500, 'START_FAILED']);
  const failed = await other.stack.waitForStatus(id, 'failed');
  expect(failed.reason).toMatchObject({
    code: 'START_FAILED',
    text: expect.stringMatching(/Please log in first[\s\S]*exit code 1/),
  });
  await until('its terminal is closed', () => !other.stack.hasSession(`claude-${id}`));
});

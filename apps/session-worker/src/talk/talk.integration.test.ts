import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEffectHandle } from '@pco/shared/engine';
import { AppError } from '@pco/shared/errors';
import { by, eventually, silentLog } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { hostFixture } from '../testing/host-fixture.ts';
import { createTalk } from './talk.ts';

const ID = 'ACME-1';
const SESSION = 'claude-ACME-1';

/** An active ticket of a Claude Code whose terminal does what the test says. */
async function talking(onType: (text: string) => void = () => {}) {
  const typed: string[] = [];
  const terminal = { type: onType };
  const type = async (_id: string, text: string | readonly string[]) => {
    typed.push(String(text));
    terminal.type(String(text));
  };
  const f = await hostFixture({ send: type, keys: type });
  await f.activeTicket(ID);
  const files = f.host.files(SESSION);
  const hook = (hook_event_name: string, more: object = {}) =>
    appendFileSync(
      join(files.dir, 'hooks.jsonl'),
      `${JSON.stringify({ at: Date.now(), hook: { hook_event_name, ...more } })}\n`,
    );
  const handle = createEffectHandle({
    store: f.core.store,
    apply: f.core.apply,
    handlers: { 'session.send': createTalk(f.host) },
  });
  const run = async () => {
    const ctx = {
      jobId: 'j',
      jobName: 'session.send',
      log: silentLog,
      isLastAttempt: true,
      isRepeat: false,
      starts: 1,
    };
    const effectId = await f.core.openId('session.send', ID);
    await handle({ ticketId: ID, effectId, cid: 'cid-1' }, { ...ctx, signal: new AbortController().signal });
    return f.core.ticket(ID);
  };
  const seen = (state: 'asking' | 'permission' | 'turn_over') =>
    f.core.change({ type: 'session.observed', ticketId: ID, sessionId: SESSION, state });
  return { ...f, files, typed, terminal, hook, run, seen, [Symbol.asyncDispose]: () => f[Symbol.asyncDispose]() };
}

const sent = (text: string) => ({ type: 'person.sent', ticketId: ID, by, text }) as const;

test('a message is typed once and is confirmed by the agent’s own hook', async () => {
  await using t = await talking();
  t.terminal.type = (text) => t.hook('UserPromptSubmit', { prompt: ` ${text}`, prompt_id: 'p2' });
  await t.core.change(sent('Use the other library'));
  expect(await t.run()).toMatchObject({ status: 'active' });
  expect((await t.core.ticket(ID)).reason).toBeUndefined();
  expect(t.typed).toEqual(['Use the other library']);
});

test('a message to an agent that works is confirmed by its transcript, which says that it is queued', async () => {
  await using t = await talking();
  const transcript_path = join(t.dir, 'one.jsonl');
  await t.files.write('agent.json', JSON.stringify({ session_id: 'one', transcript_path, pid: null }));
  t.terminal.type = (content) =>
    appendFileSync(transcript_path, `${JSON.stringify({ type: 'queue-operation', operation: 'enqueue', content })}\n`);
  await t.core.change(sent('And add a test'));
  expect((await t.run()).reason).toBeUndefined();
});

test('a message of which the agent shows no sign makes the ticket wait, with the reason', {
  timeout: 40_000,
}, async () => {
  await using t = await talking();
  t.hook('UserPromptSubmit', { prompt: 'Are you there?' }); // an earlier one with the same words
  await t.core.change(sent('Are you there?'));
  expect(await t.run()).toMatchObject({ status: 'waiting', reason: { code: 'SEND_UNCONFIRMED' } });
  expect(t.typed).toEqual(['Are you there?']);
});

test('after a crash in the middle nothing is typed again: what arrived is confirmed', async () => {
  await using t = await talking();
  t.terminal.type = () => {
    throw new AppError('SESSIONS_UNREACHABLE', { why: 'no answer' });
  };
  await t.core.change(sent('Go on'));
  await expect(t.run()).rejects.toThrow(); // typed or not, nobody knows
  expect(t.typed).toHaveLength(1);
  t.hook('UserPromptSubmit', { prompt: 'Go on' });
  expect((await t.run()).reason).toBeUndefined();
  expect(t.typed).toHaveLength(1);
});

test('what was certainly not typed is typed at the next try', async () => {
  await using t = await talking();
  t.terminal.type = () => {
    throw new AppError('SESSIONS_UNREACHABLE', {}, { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) });
  };
  await t.core.change(sent('Go on'));
  await expect(t.run()).rejects.toThrow();
  t.terminal.type = (prompt) => t.hook('UserPromptSubmit', { prompt });
  await t.run();
  expect(t.typed).toEqual(['Go on', 'Go on']);
});

test('into a dialog nothing is typed, nor into the launcher’s question for a summary', async () => {
  await using t = await talking();
  t.hook('PermissionRequest', { tool_name: 'Bash', prompt_id: 'p1' });
  await t.core.change(sent('1'));
  expect(await t.run()).toMatchObject({ status: 'waiting', reason: { code: 'SEND_REFUSED' } });
  await t.files.write('asks', '0\n');
  await t.core.change(sent('All done, I guess'));
  expect((await t.run()).reason?.text).toContain('the agent has ended');
  expect(t.typed).toEqual([]);
});

test('a longer message, and one that would run a shell, is a file that the agent reads', async () => {
  await using t = await talking();
  t.terminal.type = (prompt) => t.hook('UserPromptSubmit', { prompt });
  for (const text of ['one\ntwo', '!rm -rf /', 'x'.repeat(3_000)]) {
    await t.core.change(sent(text));
    await t.run();
    const file = /^Read and follow (\S+)$/.exec(t.typed.at(-1) ?? '')?.[1] ?? '';
    expect(readFileSync(file, 'utf8')).toBe(text);
  }
});

test.each([
  ['yes', '1'],
  ['no', 'Escape'],
  ['3', '3'],
])('the answer %s to a permission presses %s', async (answer, key) => {
  await using t = await talking();
  t.hook('PermissionRequest', { tool_name: 'Bash', prompt_id: 'p1' });
  await t.seen('permission');
  t.terminal.type = () => t.hook('Stop', { prompt_id: 'p1' });
  await t.core.change({ type: 'person.answered', ticketId: ID, by, answer });
  await t.run();
  expect(t.typed).toEqual([key]);
});

test('an answer that comes after its question presses nothing', async () => {
  await using t = await talking();
  t.hook('PermissionRequest', { tool_name: 'Bash', prompt_id: 'p1' });
  await t.seen('permission');
  await t.core.change({ type: 'person.answered', ticketId: ID, by, answer: 'yes' });
  t.hook('Stop', { prompt_id: 'p1' });
  await eventually(async () => (await t.run()).reason?.code).toBe('SEND_REFUSED');
  expect(t.typed).toEqual([]);
});

test('an interrupt presses Escape, and nothing where the agent is at rest', async () => {
  await using t = await talking();
  t.hook('UserPromptSubmit', { prompt: 'go', prompt_id: 'p1' });
  t.terminal.type = () => t.hook('Stop', { prompt_id: 'p1' });
  await t.core.change({ type: 'person.interrupted', ticketId: ID, by });
  expect((await t.run()).reason).toBeUndefined();
  await t.core.change({ type: 'person.interrupted', ticketId: ID, by });
  expect((await t.run()).reason?.code).toBe('SEND_REFUSED');
  expect(t.typed).toEqual(['Escape']);
});

test('to an agent without hooks a message is typed, and nothing can confirm it', async () => {
  await using t = await talking();
  const meta = await t.files.readMeta();
  if (meta) await t.files.writeMeta({ ...meta, agent: 'command' });
  await t.core.change(sent('hello'));
  expect(await t.run()).toMatchObject({ status: 'active' });
  expect(t.typed).toEqual(['hello']);
  expect(existsSync(join(t.files.dir, 'sent'))).toBe(true);
});

import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@pco/shared/testing';
import { expect, onTestFinished, test } from 'vitest';
import { runHeadless } from './run-headless.ts';

const SESSION = 'claude-ACME-1';

function running() {
  const dir = mkdtempSync(join(tmpdir(), 'pco-headless-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const spool = join(dir, 'spool');
  const told: object[] = [];
  const shown: string[] = [];
  const headless = runHeadless({
    dir,
    sessionId: SESSION,
    spool,
    tell: (line) => void told.push(line),
    show: (line) => void shown.push(line),
  });
  const hear = (line: object | string) => headless.hear(typeof line === 'string' ? line : JSON.stringify(line));
  /** As our command hook notes it. */
  const hook = (hook_event_name: string, more: object = {}) =>
    appendFileSync(
      join(dir, 'hooks.jsonl'),
      `${JSON.stringify({ at: Date.now(), hook: { hook_event_name, ...more } })}\n`,
    );
  const result = (over: object = {}) =>
    hear({
      type: 'result',
      subtype: 'success',
      is_error: false,
      stop_reason: 'end_turn',
      num_turns: 1,
      result: 'Done.',
      ...over,
    });
  const reported = () => {
    const file = join(spool, `result-${SESSION}.txt`);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  };
  const noted = () => readFileSync(join(dir, 'hooks.jsonl'), 'utf8');
  return { dir, headless, told, shown, hear, hook, result, reported, noted };
}

test('a result is on disk, whole, before anybody is told', async () => {
  const h = running();
  h.headless.say('do it');
  h.hook('UserPromptSubmit', { prompt: 'do it' });
  h.result();
  await eventually(() => h.reported()).toBe('Done.');
  expect(existsSync(join(h.dir, 'completed'))).toBe(true);
  expect(readFileSync(join(h.dir, 'stream.jsonl'), 'utf8')).toContain('"result":"Done."');
});

test('an agent that reported itself is not reported again', async () => {
  const h = running();
  appendFileSync(join(h.dir, 'completed'), '');
  h.result();
  expect(h.reported()).toBeUndefined();
});

test('a result that comes before a message was heard is none; the next one is', async () => {
  const h = running();
  for (const words of ['do it', 'and that']) h.headless.say(words);
  h.hook('UserPromptSubmit', { prompt: 'do it' });
  h.result({ result: 'Did it.' });
  expect(h.reported()).toBeUndefined();
  h.hook('UserPromptSubmit', { prompt: 'and that' });
  h.result({ result: 'Did that, too.' });
  await eventually(() => h.reported()).toBe('Did that, too.');
});

test('what hinders a turn is noted for who judges, and nothing is reported', () => {
  const h = running();
  h.result({ stop_reason: 'refusal', result: 'I cannot.' });
  expect(h.noted()).toContain('"hook_event_name":"StopFailure","error":"refusal","last_assistant_message":"I cannot."');
  expect(h.reported()).toBeUndefined();
});

test('while something is asked, words are its answer; a request that is withdrawn asks no more', () => {
  const h = running();
  const asks = (id: string) => ({
    type: 'control_request',
    request_id: id,
    request: { subtype: 'can_use_tool', tool_name: 'Bash', tool_use_id: id, input: { command: 'make' } },
  });
  h.hear(asks('r1'));
  h.hear(asks('r2'));
  h.headless.say('yes');
  h.hear({ type: 'control_cancel_request', request_id: 'r2' });
  h.headless.say('go on');
  expect(h.told).toEqual([
    expect.objectContaining({ response: expect.objectContaining({ request_id: 'r1' }) }),
    { type: 'user', message: { role: 'user', content: 'go on' } },
  ]);
});

test('who watches sees what is said and done, and no orders to the terminal', () => {
  const h = running();
  const content = [
    { type: 'text', text: 'Hello \u001b[2Jthere' },
    { type: 'tool_use', name: 'Bash', input: { command: 'ls' } },
  ];
  h.hear({ type: 'assistant', message: { content } });
  h.hear({ type: 'user', message: { content: [{ type: 'tool_result', content: 'a\nb', is_error: false }] } });
  h.hear('not json');
  h.hear({ type: 'new', of: 'a later version' });
  expect(h.shown).toEqual(['', 'Hello [2Jthere', '* Bash {"command":"ls"}', '  > a', '  > b']);
});

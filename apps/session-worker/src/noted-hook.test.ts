import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createEvidenceStore, type EvidenceStore } from './evidence/evidence-store.ts';
import { judge } from './evidence/judge.ts';

const SCRIPT = join(import.meta.dirname, '../../../scripts/agent-hook.mjs');

/** A session's folder, with the real hook program and a worker that reads what it notes. */
function session() {
  const dir = mkdtempSync(join(tmpdir(), 'pco-hook-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const say = (hook: object, pid = '') => {
    const env = { PATH: process.env.PATH, PCO_SESSION_DIR: dir, PCO_SESSION_ID: 'claude-ACME-1', PCO_SPOOL_DIR: dir };
    const input = JSON.stringify(hook);
    expect(spawnSync(process.execPath, [SCRIPT], { input, env: { ...env, CLAUDE_PID: pid } }).status).toBe(0);
  };
  const worker = () => createEvidenceStore(() => dir);
  const seen = (store: EvidenceStore) => judge(store.read('claude-ACME-1'), Date.now() + 1_000, 600_000);
  return { dir, say, worker, seen };
}

test('what an agent asked while no worker was there is found afterwards', () => {
  const { say, worker, seen } = session();
  say({ hook_event_name: 'UserPromptSubmit', prompt: 'go', prompt_id: 'p1' });
  say({ hook_event_name: 'PermissionRequest', tool_name: 'Bash', tool_input: { command: 'make' }, prompt_id: 'p1' });
  const asked = { state: 'permission', detail: 'the agent asks to use Bash: make' };
  expect(seen(worker())).toEqual(asked);
  const store = worker();
  expect(seen(store)).toEqual(asked);
  expect(seen(store)).toEqual(asked);
});

test('what is noted while a worker reads is found at its next look', () => {
  const { dir, say, worker, seen } = session();
  const store = worker();
  expect(seen(store)).toBeUndefined();
  say({ hook_event_name: 'Stop', prompt_id: 'p1' });
  expect(seen(store)?.state).toBe('turn_over');
  say({ hook_event_name: 'UserPromptSubmit', prompt: 'go on', prompt_id: 'p2' });
  appendFileSync(join(dir, 'hooks.jsonl'), 'not JSON\n{"at":1,"hook":{"hook_event_name":"Stop"'); // and half a line
  expect(seen(store)).toEqual({ state: 'working' });
});

test('what is asked after the clock was set back is seen at once, whether or not the worker was there', () => {
  const { dir, worker, seen } = session();
  const hour = 3_600_000;
  const journal = (at: number, hook: object) =>
    appendFileSync(join(dir, 'hooks.jsonl'), `${JSON.stringify({ at, hook })}\n`);
  const ahead = Date.now() + hour;
  journal(ahead - 60_000, { hook_event_name: 'UserPromptSubmit', prompt: 'go', prompt_id: 'p1' });
  journal(ahead - 30_000, {
    hook_event_name: 'PermissionRequest',
    tool_name: 'Bash',
    tool_input: { command: 'make' },
    prompt_id: 'p1',
  });
  journal(ahead, {
    hook_event_name: 'PostToolUse',
    tool_name: 'Bash',
    tool_input: { command: 'make' },
    prompt_id: 'p1',
  });
  const stays = worker();
  expect(seen(stays)).toEqual({ state: 'working' });
  journal(Date.now(), {
    hook_event_name: 'PermissionRequest',
    tool_name: 'Bash',
    tool_input: { command: 'rm' },
    prompt_id: 'p1',
  });
  const asked = { state: 'permission', detail: 'the agent asks to use Bash: rm' };
  expect(seen(stays)).toEqual(asked);
  expect(seen(worker())).toEqual(asked);
});

test('silence is neither claimed nor hidden by a clock that was set back', () => {
  const { dir } = session();
  let now = Date.now() + 3_600_000;
  const store = createEvidenceStore(
    () => dir,
    () => now,
  );
  const silent = () => judge(store.read('claude-ACME-1'), now, 60_000)?.state === 'silent';
  store.sawScreen('claude-ACME-1', 'the same');
  now -= 3_600_000;
  store.sawScreen('claude-ACME-1', 'the same');
  expect(silent()).toBe(false);
  now += 61_000;
  store.sawScreen('claude-ACME-1', 'the same');
  expect(silent()).toBe(true);
});

test('an answer that comes over HTTP settles a request of any length that was noted', () => {
  const { say, worker, seen } = session();
  const call = { tool_name: 'Bash', tool_input: { command: 'x'.repeat(100_000) }, prompt_id: 'p1' };
  say({ hook_event_name: 'PermissionRequest', ...call });
  const store = worker();
  expect(seen(store)?.state).toBe('permission');
  store.hear('claude-ACME-1', { hook_event_name: 'PostToolUse', ...call, tool_input: { command: 'other' } });
  expect(seen(store)?.state).toBe('permission');
  store.hear('claude-ACME-1', { hook_event_name: 'PostToolUse', ...call });
  expect(seen(store)?.state).toBe('working');
});

test('the status file of the agent counts while its process lives, and when it is of that very conversation', () => {
  const { dir, say, worker, seen } = session();
  for (const folder of ['projects/x', 'sessions']) mkdirSync(join(dir, folder), { recursive: true });
  const transcript_path = join(dir, 'projects/x/one.jsonl');
  const status = (value: unknown, pid = process.pid) =>
    writeFileSync(join(dir, 'sessions', `${pid}.json`), typeof value === 'string' ? value : JSON.stringify(value));
  const begin = (pid: number) =>
    say({ hook_event_name: 'UserPromptSubmit', prompt_id: 'p1', session_id: 'one', transcript_path }, String(pid));
  begin(process.pid);
  const store = worker();
  const later = Date.now() + 100; // than the hooks
  status({ sessionId: 'one', status: 'waiting', statusUpdatedAt: later, waitingFor: 'input needed' });
  expect(seen(store)?.state).toBe('asking');
  for (const foreign of [
    { sessionId: 'two', status: 'idle', statusUpdatedAt: later },
    { status: 'idle' },
    '{"status"',
    '',
  ]) {
    status(foreign);
    expect(seen(store)?.state).toBe('working');
  }
  status({ sessionId: 'one', status: 'idle', statusUpdatedAt: later }, 4_194_301);
  begin(4_194_301);
  expect(seen(store)?.state).toBe('working');
});

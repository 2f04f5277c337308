import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Hook, readHook } from './hooks.ts';

const SCRIPT = join(import.meta.dirname, '../../../scripts/agent-hook.mjs');

/** Gives what a worker that was away finds after these hooks. */
function noted(...hooks: object[]) {
  const dir = mkdtempSync(join(tmpdir(), 'pco-hook-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  for (const hook of hooks) {
    const env = { PATH: process.env.PATH, PCO_SESSION_DIR: dir, PCO_SESSION_ID: 'claude-ACME-1', PCO_SPOOL_DIR: dir };
    expect(spawnSync(process.execPath, [SCRIPT], { input: JSON.stringify(hook), env }).status).toBe(0);
  }
  return readHook(Hook.parse(JSON.parse(readFileSync(join(dir, 'last-hook.json'), 'utf8'))));
}

test('what an agent asked while no worker was there is found afterwards', () => {
  expect(
    noted(
      { hook_event_name: 'UserPromptSubmit', prompt: 'go' },
      { hook_event_name: 'PermissionRequest', tool_name: 'Bash' },
    ),
  ).toEqual({ state: 'permission', detail: 'the agent asks to use Bash' });
});

test('the end of a turn is noted, and a new prompt takes its place', () => {
  const stop = { hook_event_name: 'Stop' };
  expect(noted(stop)?.state).toBe('turn_over');
  expect(noted(stop, { hook_event_name: 'UserPromptSubmit', prompt: 'go on' })).toEqual({ state: 'working' });
});

test('a reminder of an open question outweighs a tool at work beside it, other notifications say nothing', () => {
  const reminder = {
    hook_event_name: 'Notification',
    notification_type: 'permission_prompt',
    message: 'Claude needs you',
  };
  expect(readHook(reminder)).toEqual({ state: 'permission', detail: 'Claude needs you' });
  expect(readHook({ ...reminder, notification_type: 'idle_prompt' })).toBeUndefined();
});

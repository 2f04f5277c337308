// Command hook of Claude Code, for one session. Reads the hook's JSON on stdin.
// Every event it is given is noted in last-hook.json. UserPromptSubmit: notes that the agent took a prompt; `/complete <summary>` is written to the spool and blocked,
// so that it costs no model call. PreToolUse of the Skill `complete`: the agent's own report, written likewise.
// The summary is on disk before we answer; whether a service is up does not matter.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const { PCO_SESSION_DIR: dir, PCO_SESSION_ID: session, PCO_SPOOL_DIR: spool } = process.env;

const writeWhole = (path, content) => {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, content, { mode: 0o600 });
  renameSync(temporary, path);
};

const complete = (summary) => {
  mkdirSync(spool, { recursive: true, mode: 0o700 });
  writeWhole(join(spool, `completion-${session}.txt`), summary);
  writeWhole(join(dir, 'completed'), '');
};

const answer = (value) => process.stdout.write(JSON.stringify(value));

if (dir && session && spool) {
  const hook = JSON.parse(await text(process.stdin));
  // for a worker that is away now: it finds here what the agent was last waiting for
  const { hook_event_name, tool_name, prompt, error } = hook;
  if (hook_event_name !== 'PreToolUse') {
    const last = { hook_event_name, tool_name, error, prompt: prompt?.slice(0, 200) };
    writeWhole(join(dir, 'last-hook.json'), JSON.stringify(last));
  }
  if (hook.hook_event_name === 'UserPromptSubmit') {
    const command = /^\s*\/complete(?:\s+([\s\S]*))?$/.exec(hook.prompt ?? '');
    if (!command) writeWhole(join(dir, 'accepted'), hook.session_id ?? '');
    else if (!command[1]?.trim()) answer({ decision: 'block', reason: 'Say what was done: /complete <summary>' });
    else {
      complete(command[1]);
      answer({ decision: 'block', reason: 'Completion recorded. The summary now awaits approval.' });
    }
  }
  const skill = hook.hook_event_name === 'PreToolUse' && hook.tool_name === 'Skill' ? hook.tool_input : undefined;
  if (/(^|:)complete$/.test(skill?.skill ?? '') && skill.args?.trim()) complete(skill.args);
}

// Command hook of Claude Code, for one session. Reads the hook's JSON on stdin.
// Every event it is given is noted in hooks.jsonl, with its time; SessionStart says in agent.json who the agent is,
// and in conversations where its transcripts are.
// UserPromptSubmit: notes that the agent took a prompt; `/complete <summary>` is written to the spool and blocked, so
// that it costs no model call. PreToolUse of the Skill `complete`: the agent's own report, written likewise.
// The summary is on disk before we answer; whether a service is up does not matter.
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const at = Date.now();
const { PCO_SESSION_DIR: dir, PCO_SESSION_ID: session, PCO_SPOOL_DIR: spool, CLAUDE_PID: pid } = process.env;

const writeWhole = (path, content) => {
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, content, { mode: 0o600 });
    renameSync(temporary, path);
  } catch (err) {
    rmSync(temporary, { force: true });
    throw err;
  }
};

/** Whoever reports a completion must hear of it when nothing was written, on a full disk above all. */
const complete = (summary) => {
  try {
    mkdirSync(spool, { recursive: true, mode: 0o700 });
    writeWhole(join(spool, `completion-${session}.txt`), summary);
  } catch (err) {
    return `Completion NOT recorded: ${err.message}. Make room and report it again.`;
  }
  attempt(() => writeWhole(join(dir, 'completed'), ''));
};

/** What is only noted must not keep the rest from being done. */
const attempt = (work) => {
  try {
    work();
  } catch (err) {
    process.stderr.write(`agent-hook: ${err.message}\n`);
  }
};

/** Short enough that one write appends a whole line: what others wrote may be of any size. */
const shorten = (value, depth = 0) => {
  if (typeof value === 'string') return value.length <= 300 ? value : `${value.slice(0, 299)}…`;
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 8) return null;
  if (Array.isArray(value)) return value.slice(0, 10).map((entry) => shorten(entry, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, 20)
      .map(([name, held]) => [name, shorten(held, depth + 1)]),
  );
};

const noteInJournal = (hook) => {
  const { hook_event_name, prompt_id, tool_name, tool_input, prompt, notification_type, message, error, reason } = hook;
  const { last_assistant_message, background_tasks } = hook;
  const kept = { hook_event_name, prompt_id, tool_name, tool_input, prompt, notification_type, message, error, reason };
  const input_key = createHash('sha256')
    .update(JSON.stringify(tool_input ?? null))
    .digest('base64url');
  const line = { at, hook: { ...shorten({ ...kept, last_assistant_message, background_tasks }), input_key } };
  appendFileSync(join(dir, 'hooks.jsonl'), `${JSON.stringify(line)}\n`, { mode: 0o600 });
};

/** One after the other: `/clear` begins a new one. */
const noteConversation = (path) => {
  const list = join(dir, 'conversations');
  const known = existsSync(list) ? readFileSync(list, 'utf8').split('\n') : [];
  if (!known.includes(path)) appendFileSync(list, `${path}\n`, { mode: 0o600 });
};

const answer = (value) => process.stdout.write(JSON.stringify(value));

if (dir && session && spool) {
  const hook = JSON.parse(await text(process.stdin));
  const event = hook.hook_event_name;
  if (event !== 'PreToolUse') attempt(() => noteInJournal(hook));
  if (hook.session_id && hook.transcript_path && (event === 'SessionStart' || event === 'UserPromptSubmit')) {
    const { session_id, transcript_path } = hook;
    const identity = JSON.stringify({ session_id, transcript_path, pid: Number(pid) || null });
    attempt(() => writeWhole(join(dir, 'agent.json'), identity));
    attempt(() => noteConversation(transcript_path));
  }
  if (event === 'UserPromptSubmit') {
    const command = /^\s*\/complete(?:\s+([\s\S]*))?$/.exec(hook.prompt ?? '');
    if (!command) attempt(() => writeWhole(join(dir, 'accepted'), hook.session_id ?? ''));
    else if (!command[1]?.trim()) answer({ decision: 'block', reason: 'Say what was done: /complete <summary>' });
    else {
      const failure = complete(command[1]);
      answer({ decision: 'block', reason: failure ?? 'Completion recorded. The summary now awaits approval.' });
    }
  }
  const skill = event === 'PreToolUse' && hook.tool_name === 'Skill' ? hook.tool_input : undefined;
  if (/(^|:)complete$/.test(skill?.skill ?? '') && skill.args?.trim()) {
    const failure = complete(skill.args);
    const denial = { hookEventName: event, permissionDecision: 'deny', permissionDecisionReason: failure };
    if (failure) answer({ hookSpecificOutput: denial });
  }
}

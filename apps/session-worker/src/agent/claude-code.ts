import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readIdentity } from '../evidence/evidence-store.ts';
import { readLines } from '../evidence/read-lines.ts';
import type { Agent, LaunchOptions } from './agent.ts';
import { writeMcpServers, writePlugin, writeSettings } from './claude-settings.ts';

/** Runs Claude Code without its own terminal interface, and shows people what it does. */
const HEADLESS = join(import.meta.dirname, '../headless/main.ts');

/** In a permission dialog 1 is yes; Escape refuses, whatever the number of choices. */
const KEYS: Readonly<Record<string, string>> = { yes: '1', no: 'Escape' };

export const claudeCode: Agent = {
  name: 'claude-code',
  confirms: true,
  async launch(options) {
    const { config, mode, node } = options;
    const { claude_bin } = config.automation;
    const common = await commonArguments(options);
    // `--`: what follows is the prompt, whatever it begins with. Headless it goes to standard input
    if (mode === 'interactive') return [claude_bin, ...common, '--'];
    const stream = ['--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'];
    return [node, HEADLESS, claude_bin, '-p', ...stream, '--permission-prompt-tool', 'stdio', ...common];
  },
  hasTakenPrompt: (files) => files.hasAccepted() || existsSync(join(files.dir, 'completed')),
  conversation(sessionDir) {
    const identity = readIdentity(sessionDir);
    return identity && existsSync(identity.transcript_path) ? identity.session_id : undefined;
  },
  transcripts(sessionDir) {
    const conversation = conversations(sessionDir).filter(existsSync);
    return { conversation, subagents: conversation.flatMap(subagents) };
  },
  answer(mode, answer) {
    if (mode === 'interactive') return { keys: [KEYS[answer] ?? answer] };
    return { line: answer };
  },
  interrupt: { keys: ['Escape'] },
};

async function commonArguments(options: LaunchOptions): Promise<readonly string[]> {
  const { config, project, ticket, files } = options;
  const { automation } = config;
  const model = project?.model ?? automation.model;
  const mcp = await writeMcpServers(options);
  return [
    ...(options.conversation ? ['--resume', options.conversation] : ['--session-id', crypto.randomUUID()]),
    ...['--name', ticket.id],
    // told always: an interactive session would otherwise begin in `auto`
    ...['--permission-mode', project?.permission_mode ?? automation.permission_mode],
    ...['--settings', await writeSettings(options)],
    ...['--plugin-dir', await writePlugin(files)],
    ...(model ? ['--model', model] : []),
    // only those that the configuration names: those of a worktree's own files are whoever's wrote them
    ...(mcp ? ['--mcp-config', mcp, '--strict-mcp-config'] : []),
  ];
}

/** Each that our hook heard of, in order: `/clear` begins another one. */
function conversations(sessionDir: string): readonly string[] {
  const listed = readLines(join(sessionDir, 'conversations'), 0).lines;
  return [...new Set(listed)];
}

/** `<session>/subagents/agent-<id>.jsonl` beside `<session>.jsonl`. */
function subagents(transcript: string): readonly string[] {
  const folder = join(transcript.replace(/\.jsonl$/, ''), 'subagents');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => join(folder, name));
}

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, startStack } from '../stack.ts';
import { until } from '../until.ts';
import { type ModelStub, startModelStub } from './model-stub.ts';

const API_KEY = 'sk-ant-test-0123456789abcdef-dummy';
/** A person answers in a terminal; a stopped agent has the time to say goodbye. */
const AGENT_END_MS = 20_000;

export interface ClaudeStackOptions {
  /** The Claude Code program, or what stands in its place. */
  readonly claudeBin: string;
  /** Merged over the section `automation`. */
  readonly automation?: Readonly<Record<string, unknown>>;
}

/** The whole product with the real Claude Code, whose model is a script. */
export interface ClaudeStack extends AsyncDisposable {
  readonly stack: Stack;
  readonly model: ModelStub;
  /** A work item that the poller has found; its key. */
  plan(title: string): Promise<string>;
  worktree(ticketId: string): string;
  /** Types a line into the terminal of the ticket's session, as a browser would. */
  type(ticketId: string, text: string): Promise<void>;
  press(ticketId: string, ...keys: string[]): Promise<void>;
  screen(ticketId: string): Promise<string>;
  /** The running Claude Code processes of a ticket. */
  agents(ticketId: string): readonly number[];
  /** How many conversations Claude Code ever began in the ticket's worktree. */
  conversations(ticketId: string): number;
}

export async function startClaudeStack({ claudeBin, automation }: ClaudeStackOptions): Promise<ClaudeStack> {
  await using resources = new AsyncDisposableStack();
  const model = resources.use(await startModelStub());
  const dir = mkdtempSync(join(tmpdir(), 'pco-claude-'));
  resources.defer(() => rmSync(dir, { recursive: true, force: true }));
  const stack = resources.use(
    await startStack({
      config: {
        // `undefined`: the key is absent, so that Claude Code runs and not the test agent
        automation: { agent_command: undefined, claude_bin: claudeBin, permission_mode: 'default', ...automation },
      },
      agentEnv: {
        ANTHROPIC_BASE_URL: model.url,
        ANTHROPIC_API_KEY: API_KEY,
        CLAUDE_CONFIG_DIR: dir,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        DISABLE_AUTOUPDATER: '1',
        CLAUDE_CODE_MAX_RETRIES: '0',
        CLAUDE_CODE_TMPDIR: dir,
        GIT_AUTHOR_NAME: 'agent',
        GIT_AUTHOR_EMAIL: 'agent@example.com',
        GIT_COMMITTER_NAME: 'agent',
        GIT_COMMITTER_EMAIL: 'agent@example.com',
      },
    }),
  );
  skipFirstRun(dir, join(stack.dir, 'repo'));
  resources.defer(() => endAgents(stack));
  const sessionOf = async (ticketId: string): Promise<string> => {
    const { ticket } = await stack.store.load(ticketId);
    return ticket?.session?.id ?? `no session of ${ticketId}`;
  };
  const terminal = async (ticketId: string, path: string, body?: object): Promise<Response> => {
    const url = `${stack.terminal}/sessions/${await sessionOf(ticketId)}/${path}`;
    const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const answer = await fetch(url, body ? json : {});
    if (!answer.ok) throw new Error(`the terminal service answers ${answer.status}: ${await answer.text()}`);
    return answer;
  };
  const worktree = (ticketId: string) => join(stack.dir, 'data/worktrees', ticketId);
  const opened = resources.move();
  return {
    stack,
    model,
    async plan(title) {
      const { key } = stack.emulator.createItem({ project: 'ACME', name: title, state: 'Todo' });
      await stack.poll();
      await stack.waitForStatus(key, 'pending');
      return key;
    },
    worktree,
    type: async (ticketId, text) => void (await terminal(ticketId, 'input', { text, enter: true })),
    press: async (ticketId, ...keys) => void (await terminal(ticketId, 'keys', { keys })),
    async screen(ticketId) {
      const { screen } = (await (await terminal(ticketId, 'screen')).json()) as { screen: string }; // our own service
      return screen;
    },
    agents: (ticketId) =>
      processes()
        .filter(({ args }) => args.startsWith(`${claudeBin} `) && args.includes(` --name ${ticketId} `))
        .filter(({ args }) => args.includes(stack.dir)) // another run may use the same program
        .map(({ pid }) => pid),
    conversations(ticketId) {
      const folder = join(dir, 'projects', worktree(ticketId).replaceAll(/[^A-Za-z0-9]/g, '-'));
      return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.jsonl')).length : 0;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Without it Claude Code asks about its theme, the key and the folder, and leaves when it cannot reach its makers. */
function skipFirstRun(configDir: string, repo: string): void {
  const settled = {
    hasCompletedOnboarding: true,
    customApiKeyResponses: { approved: [API_KEY.slice(-20)], rejected: [] },
    projects: { [repo]: { hasTrustDialogAccepted: true } },
  };
  writeFileSync(join(configDir, '.claude.json'), JSON.stringify(settled));
}

/** Agents take a moment to end and write until then: their folders go after them. */
async function endAgents(stack: Stack): Promise<void> {
  const server = Number(stack.tmux('display-message', '-p', '#{pid}'));
  if (!server) return; // no session ever ran
  const family = descendants(server);
  stack.tmux('kill-server');
  const isLeft = ({ pid, args }: Process) => family.some((member) => member.pid === pid && member.args === args);
  await until('every agent has ended', () => !processes().some(isLeft), AGENT_END_MS);
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly args: string;
}

/** Everything that runs, from /proc: a bare system has no `ps`. What has ended and is only not yet collected does not. */
const processes = (): Process[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return state === 'Z' ? [] : [{ pid: Number(pid), parent: Number(parent), args }];
      } catch {
        return []; // ended while we looked
      }
    });

function descendants(root: number): Process[] {
  const all = processes();
  const below = (pid: number): Process[] =>
    all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...below(child.pid)]);
  return below(root);
}

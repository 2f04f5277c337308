import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { AppError, messageOf } from '@pco/shared/errors';
import { pause, SECOND_MS } from '@pco/shared/time';
import { CommandRefused } from './control-client.ts';
import { isEchoed } from './echo.ts';
import { PICTURE_FORMAT, type Picture, parsePictureFacts } from './picture.ts';
import { chunks, creation, exact, type NewSession, shellCommand, typing } from './tmux-commands.ts';
import { CONTROL_SESSION, createTmuxLink, type LinkOptions, VIEWER_TERM } from './tmux-link.ts';
import { createTurns } from './turns.ts';
import type { WindowSize } from './window-control.ts';

/** An Enter that comes at once is swallowed by menus and by agents that just took a long text. */
const ENTER_DELAY_MS = 300;
/** A program that is slow reads an Enter together with the text, as a part of it; one that echoes nothing is not known. */
const ECHO_PATIENCE_MS = 3 * SECOND_MS;
const ECHO_LOOK_MS = 50;
const PING = ['display-message', '-p', 'pong'];
const LIST_FORMAT = [
  ...['session_created', 'session_name', '@pco_source', '@pco_project'],
  ...['@pco_effect', '@pco_owner', '@pco_recording'],
];
/** Half of this is what one line of the connection carries; a paste is longer. */
const RAW_INPUT_BYTES = 512;

export interface LiveSession {
  readonly id: string;
  readonly createdAtMs: number;
  readonly source: string | null;
  readonly projectId: string | null;
  readonly effect: string | null;
  readonly owner: string | null;
  readonly recording: string | null;
}
export type Tmux = ReturnType<typeof createTmux>;

/** The only caller of tmux. Session ids must have passed parseSessionId: targets and formats rely on its alphabet. */
export function createTmux(options: LinkOptions) {
  const { bin, env } = options;
  const link = createTmuxLink(options);
  const { run } = link;
  const attach = ['-u', ...link.serverArgs, 'attach-session'];
  /** One writer at a time per session, or two texts would mix. */
  const typists = createTurns();
  let version: string | undefined;

  /** For commands on one session: no server, or no such session, is SESSION_NOT_FOUND. */
  const runOn = async (id: string, commands: readonly string[][], repeatable = true): Promise<string[]> => {
    try {
      const outputs = await run(commands, { repeatable });
      if (outputs) return outputs;
    } catch (err) {
      if (!isMissing(err)) throw err;
    }
    throw new AppError('SESSION_NOT_FOUND', { sessionId: id });
  };

  const query = async (filter: readonly string[]): Promise<LiveSession[]> => {
    const format = LIST_FORMAT.map((name) => `#{${name}}`).join('\t');
    const [text = ''] = (await run([['list-sessions', ...filter, '-F', format]])) ?? [];
    return text.split('\n').flatMap((line) => parseRow(line) ?? []);
  };

  const capture = async (id: string, scrollbackLines: number): Promise<string> => {
    const start = scrollbackLines > 0 ? ['-S', `-${scrollbackLines}`] : [];
    const [text = ''] = await runOn(id, [['capture-pane', '-p', '-J', ...start, '-t', exact(id)]]);
    return text;
  };

  const untilEchoed = async (id: string, typed: string, before: string): Promise<void> => {
    const end = performance.now() + ECHO_PATIENCE_MS;
    while (!isEchoed(typed, before, await capture(id, 0)) && performance.now() < end) await pause(ECHO_LOOK_MS);
  };

  return {
    /** Starts the server if need be, so that the first session need not wait for it. */
    start: async () => void (await run([PING], { mayStart: true })),

    /** @throws AppError TMUX_UNAVAILABLE */
    async check(): Promise<string> {
      version ??= await readVersion(bin, env);
      // one of our own is started when it is needed
      await run([PING], { mayStart: !options.startsServer });
      return version;
    },

    list: (): Promise<LiveSession[]> => query([]),

    async find(id: string): Promise<LiveSession | undefined> {
      const found = await query(['-f', `#{==:#{session_name},${id}}`]);
      return found.find((session) => session.id === id);
    },

    /** @returns false when a session of that name is already there */
    async create(session: NewSession): Promise<boolean> {
      try {
        await run(creation(session), { mayStart: true });
        return true;
      } catch (err) {
        if (err instanceof CommandRefused && err.message.startsWith('duplicate session')) return false;
        throw err;
      }
    },

    /**
     * Starts a program where the server runs, beside its sessions.
     *
     * @throws AppError TMUX_UNAVAILABLE when no server runs
     */
    async runBeside(argv: readonly string[]): Promise<void> {
      // a repeat would start it twice
      const begun = await run([['run-shell', '-b', shellCommand(argv)]], { repeatable: false });
      if (!begun) throw new AppError('TMUX_UNAVAILABLE', { why: 'no tmux server runs' });
    },

    /** @returns false when there was no such session */
    async kill(id: string): Promise<boolean> {
      try {
        return (await run([['kill-session', '-t', exact(id)]])) !== undefined;
      } catch (err) {
        if (isMissing(err)) return false;
        throw err;
      }
    },

    async workingDirectory(id: string): Promise<string> {
      const [text = ''] = await runOn(id, [['display-message', '-p', '-t', exact(id), '#{session_path}']]);
      return text;
    },

    capture,

    /** What the one pane of a session shows, and how; a session of several panes has no single picture. */
    async picture(id: string, scrollbackLines: number): Promise<Picture> {
      const target = exact(id);
      const capture = ['capture-pane', '-p', '-e', '-N', '-S', `-${scrollbackLines}`, '-t', target];
      const [facts = '', text = ''] = await runOn(id, [
        ['display-message', '-p', '-t', target, PICTURE_FORMAT],
        capture,
      ]);
      return { ...parsePictureFacts(facts), text };
    },

    /** Returns when tmux has gone round its loop: all that it had read before has left for the writers of recordings. */
    goRound: async () => void (await run([PING])),

    /** Whether all that the session shows is one pane whose output is being recorded. */
    async isRecorded(id: string): Promise<boolean> {
      const format = '#{pane_pipe} #{window_panes} #{session_windows}';
      const [text] = await runOn(id, [['display-message', '-p', '-t', exact(id), format]]);
      return text === '1 1 1';
    },

    /** Bytes as a terminal sends them: key presses, pastes, mouse. */
    typeRaw: (id: string, bytes: Buffer): Promise<void> =>
      typists.take(id, async () => {
        for (let at = 0; at < bytes.length; at += RAW_INPUT_BYTES) {
          const hex = [...bytes.subarray(at, at + RAW_INPUT_BYTES)].map((byte) => byte.toString(16));
          await runOn(id, typing(id, ['-H', ...hex]), false);
        }
      }),

    sendText: (id: string, text: string, enter: boolean): Promise<void> =>
      typists.take(id, async () => {
        const before = enter ? await capture(id, 0) : '';
        for (const chunk of chunks(text)) await runOn(id, typing(id, ['-l', '--', chunk]), false);
        if (!enter) return;
        if (text !== '') await Promise.all([pause(ENTER_DELAY_MS), untilEchoed(id, text, before)]);
        await runOn(id, typing(id, ['Enter']), false);
      }),

    sendKeys: (id: string, keys: readonly string[]): Promise<void> =>
      typists.take(id, async () => void (await runOn(id, typing(id, ['--', ...keys]), false))),

    async windowSize(id: string): Promise<WindowSize> {
      const format = '#{window_width} #{window_height}';
      const [text = ''] = await runOn(id, [['display-message', '-p', '-t', exact(id), format]]);
      const [cols = 0, rows = 0] = text.split(' ').map(Number);
      return { cols, rows };
    },

    async resize(id: string, cols: number, rows: number): Promise<void> {
      await runOn(id, [['resize-window', '-t', exact(id), '-x', String(cols), '-y', String(rows)]]);
    },

    /**
     * How to start a viewer in a pseudo-terminal. `ignore-size`: it never shrinks what others see of a window that
     * follows its viewers; windows of our own are sized by hand.
     */
    attachment: (id: string, canType: boolean) => ({
      file: bin,
      args: [...attach, '-f', canType ? 'ignore-size' : 'ignore-size,read-only', '-t', exact(id)],
      env: { ...env, TERM: VIEWER_TERM },
      term: VIEWER_TERM,
    }),

    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  };
}

function parseRow(line: string): LiveSession | undefined {
  const [created, id = '', source, projectId, effect, owner, recording] = line.split('\t');
  if (!/^\d+$/.test(created ?? '') || id === CONTROL_SESSION) return undefined;
  const given = (value: string | undefined) => value || null;
  const createdAtMs = Number(created) * SECOND_MS;
  return {
    id,
    createdAtMs,
    source: given(source),
    projectId: given(projectId),
    effect: given(effect),
    owner: given(owner),
    recording: given(recording),
  };
}

/** tmux has no error codes, only these words. */
const isMissing = (err: unknown): boolean =>
  err instanceof CommandRefused && /^can't find (session|window|pane)/.test(err.message);

async function readVersion(bin: string, env: LinkOptions['env']): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(bin, ['-V'], { env, timeout: 3 * SECOND_MS });
    return stdout.trim();
  } catch (err) {
    throw new AppError('TMUX_UNAVAILABLE', { why: messageOf(err) }, { cause: err });
  }
}

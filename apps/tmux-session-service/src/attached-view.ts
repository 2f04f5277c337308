import { type IPty, spawn } from '@lydell/node-pty';
import { createOutput } from './output.ts';
import type { Tmux } from './tmux.ts';
import { CLOSE, type View, type Viewport } from './viewport.ts';
import type { WindowSize } from './window-control.ts';

export interface AttachedViewOptions {
  readonly id: string;
  readonly tmux: Tmux;
  /** Where the attach client runs; it does not matter to the session. */
  readonly home: string;
  readonly size: WindowSize;
  readonly canType: boolean;
  readonly viewport: Viewport;
}

/**
 * A session that we do not record, or of several panes: an ordinary tmux client in a pseudo-terminal draws it. What it
 * sends has no numbers; who reconnects gets a new drawing. A client that may only look is attached read-only.
 */
export function createAttachedView({ id, tmux, home, size, canType, viewport }: AttachedViewOptions): View {
  let pty: IPty | undefined;
  const output = createOutput({
    send: (payload, sent) => viewport.send({ type: 'data', payload }, sent),
    bufferedBytes: viewport.bufferedBytes,
    pause: () => pty?.pause(),
    resume: () => pty?.resume(),
  });
  return {
    async start() {
      const { file, args, env, term } = tmux.attachment(id, canType);
      const client = spawn(file, args, { name: term, ...size, cwd: home, env });
      pty = client;
      client.onData((text) => output.write(text));
      client.onExit(({ exitCode, signal }) => {
        pty = undefined;
        output.flush();
        viewport.end({ type: 'exit', exitCode, signal: signal || null }, CLOSE.normal);
      });
    },
    type: (text) => pty?.write(text),
    resized: ({ cols, rows }) => pty?.resize(cols, rows),
    [Symbol.dispose]() {
      output.stop();
      pty?.kill();
    },
  };
}

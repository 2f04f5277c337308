import type { Command } from '../command.ts';
import { CliFailure, EXIT, usage } from '../failure.ts';
import { findSession, showSession, tmuxSessions } from '../tmux.ts';

export const attachCommands: readonly Command[] = [
  {
    name: 'attach',
    summary: "Show a ticket's terminal, of the latest session on this host; leave with Ctrl-b d",
    args: [{ name: 'ticket', kind: { of: 'ticket', among: ['starting', 'active', 'waiting', 'completed'] } }],
    options: { view: { summary: 'only look: nothing that you type reaches it' } },
    notes:
      'Also takes the name of a session. The tmux server is found by itself: PCO_TMUX_SOCKET, then every one of yours.',
    async run({ io, arg, isSet, out }) {
      const name = arg('ticket');
      if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) throw usage(`"${name}" is neither a ticket nor a session`);
      const found = findSession(tmuxSessions(io.env), name);
      if (!found)
        throw new CliFailure(EXIT.notFound, `no session of ${name} runs here; pco sessions shows those that do`);
      if (out.isJson) return out.json(found);
      showSession(found, isSet('view'), io.env);
    },
  },
  {
    name: 'sessions',
    summary: 'Sessions of this host, with the tmux server that has each',
    async run({ io, out }) {
      const sessions = tmuxSessions(io.env);
      out.result(sessions, () =>
        out.table(
          sessions,
          [
            { title: 'TMUX SERVER', of: ({ socket }) => socket },
            { title: 'SESSION', of: ({ session }) => session },
            { title: 'SINCE', of: ({ since }) => since },
          ],
          'no session runs here',
        ),
      );
    },
  },
];

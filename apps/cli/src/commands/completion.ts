import type { Command } from '../command.ts';
import { candidates, FILES } from '../completion/candidates.ts';
import { SHELLS, scriptFor } from '../completion/scripts.ts';
import { usage } from '../failure.ts';
import { oneLine } from '../text.ts';

export const completionCommands = (all: () => readonly Command[]): readonly Command[] => [
  {
    name: 'completion',
    summary: 'What makes your shell complete commands, options and tickets: bash, zsh or fish',
    args: [{ name: 'shell', kind: { of: 'words', words: SHELLS } }],
    notes: `  bash  eval "$(pco completion bash)"                          in ~/.bashrc
  zsh   eval "$(pco completion zsh)"                           in ~/.zshrc, after compinit
  fish  pco completion fish > ~/.config/fish/completions/pco.fish
Tickets and projects are asked of the api, as of the last word of \`--url\` and the environment.`,
    async run({ arg, out }) {
      const shell = SHELLS.find((each) => each === arg('shell'));
      if (!shell) throw usage(`"${arg('shell')}" is none of ${SHELLS.join(', ')}`);
      out.raw(scriptFor(shell));
    },
  },
  {
    name: '__complete',
    summary: 'What may stand in place of the last word: value, tab, explanation',
    isHidden: true,
    async run({ io, out }) {
      const words = io.argv.slice(io.argv.indexOf('__complete') + 1);
      for (const each of await candidates(words[0] === '--' ? words.slice(1) : words, all(), io.env))
        out.raw(each === FILES ? `${FILES}\n` : `${each.value}\t${oneLine(each.about)}\n`);
    },
  },
];

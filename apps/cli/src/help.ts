import type { Argument, Command, Option } from './command.ts';
import { COMMON } from './parse.ts';

const EXITS = `Ends with 0 when it is done, 1 when it failed, 2 for a command that is not right, 3 when there is no such thing,
4 without access, 5 when the api or what it needs is not reachable, 6 when it is not possible just now.`;

const argOf = ({ name, isOptional, isRest }: Argument): string => {
  const shown = name.toUpperCase() + (isRest ? '…' : '');
  return isOptional ? `[${shown}]` : shown;
};

/** `approve TICKET [options]` */
export const lineOf = ({ name, args = [] }: Command): string => [name, ...args.map(argOf)].join(' ');

export function overview(commands: readonly Command[]): string {
  const shown = commands.filter(({ isHidden }) => !isHidden);
  const width = Math.max(...shown.map((each) => lineOf(each).length));
  const lines = shown.map((each) => `  ${lineOf(each).padEnd(width)}  ${each.summary}`);
  return `usage: pco COMMAND [options]

${lines.join('\n')}

Options of every command:
${optionLines(COMMON)}

\`pco COMMAND --help\` says more. Address and token may also stand in ~/.config/pco/cli.yaml (url, token_file).
${EXITS}
`;
}

export function helpOf(command: Command): string {
  const { options = {}, summary, notes } = command;
  const own = Object.keys(options).length > 0 ? `\n${optionLines(options)}\n` : '';
  return `usage: pco ${lineOf(command)} [options]

${summary}.
${notes ? `${notes}\n` : ''}${own}
Options of every command:
${optionLines(COMMON)}

${EXITS}
`;
}

function optionLines(options: Readonly<Record<string, Option>>): string {
  const left = ([name, { value, short }]: [string, Option]) =>
    `${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}`;
  const entries = Object.entries(options);
  const width = Math.max(...entries.map((each) => left(each).length));
  return entries
    .map((each) => `  ${left(each).padEnd(width)}  ${each[1].summary}${each[1].isMany ? ' (repeatable)' : ''}`)
    .join('\n');
}

/**
 * What tmux's command parser treats specially inside double quotes (quote, backslash, variable, home folder), and
 * every control character: a newline would end the command, since control mode reads line by line.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
const SPECIAL = /["\\$~\u0000-\u001f\u007f]/g;

/** One argument for tmux's command parser; specials become octal escapes, which the parser never reads again. */
export const quoteArgument = (text: string): string =>
  `"${text.replace(SPECIAL, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)}"`;

/** A list of commands as one line: tmux runs it in one go and drops the rest after the first that fails. */
export const commandLine = (commands: readonly (readonly string[])[]): string =>
  commands.map((words) => words.map(quoteArgument).join(' ')).join(' ; ');

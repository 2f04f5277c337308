import { parseArgs } from 'node:util';
import type { Command, Option } from './command.ts';
import { usage } from './failure.ts';

/** Options of every command. */
export const COMMON: Readonly<Record<string, Option>> = {
  json: { summary: 'print JSON' },
  url: { summary: 'address of the api (PCO_API_URL, then http://127.0.0.1:5002)', value: 'URL' },
  'token-file': { summary: 'file that holds your token (PCO_API_TOKEN_FILE)', value: 'FILE', kind: { of: 'file' } },
  token: { summary: 'your token; better in PCO_API_TOKEN or a file, because others can see it here', value: 'TOKEN' },
  help: { summary: 'this text', short: 'h' },
};

export interface Parsed {
  readonly words: readonly string[];
  readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
}

/** @throws CliFailure naming what is not known */
export function parseWords(argv: readonly string[], own: Readonly<Record<string, Option>> = {}): Parsed {
  const known = { ...COMMON, ...own };
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { value, isMany = false, short }]) => [
      name,
      { type: value ? ('string' as const) : ('boolean' as const), multiple: isMany, ...(short ? { short } : {}) },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
    return { words: positionals, values };
  } catch (err) {
    if (!(err instanceof TypeError)) throw err;
    throw usage(err.message.split('. ')[0] ?? err.message);
  }
}

/** Which command is meant, and what follows its name. Options may stand before and between. */
export function findCommand(
  argv: readonly string[],
  commands: readonly Command[],
): { command: Command | undefined; rest: string[]; named: string[] } {
  const places = namePlaces(argv);
  for (const count of [2, 1]) {
    const taken = places.slice(0, count);
    const name = taken.map((at) => argv[at]).join(' ');
    const command = taken.length === count ? commands.find((each) => each.name === name) : undefined;
    if (command) return { command, rest: argv.filter((_, at) => !taken.includes(at)), named: [name] };
  }
  return { command: undefined, rest: [], named: places.map((at) => argv[at] ?? '') };
}

/** Where the first two words stand that are neither options nor values of the common ones. */
function namePlaces(argv: readonly string[]): number[] {
  const places: number[] = [];
  for (let at = 0; at < argv.length && places.length < 2; at++) {
    const word = argv[at] ?? '';
    if (word === '--') break;
    if (!word.startsWith('-')) places.push(at);
    else if (COMMON[word.slice(2)]?.value) at++;
    else if (places.length === 1 && !COMMON[word.slice(2)] && word !== '-h') break; // an option of the command
  }
  return places;
}

/** The words by the names of the arguments. */
export function nameWords({ name, args = [] }: Command, words: readonly string[]): Readonly<Record<string, string>> {
  const named: Record<string, string> = {};
  for (const [at, arg] of args.entries()) {
    const word = arg.isRest ? words.slice(at).join(' ') : words[at];
    if (word !== undefined && (word !== '' || words.length > at)) named[arg.name] = word;
    else if (!arg.isOptional) throw usage(`${name}: ${arg.name.toUpperCase()} is missing`);
  }
  if (words.length > args.length && !args.at(-1)?.isRest)
    throw usage(`${name}: "${words[args.length]}" is one word too many`);
  return named;
}

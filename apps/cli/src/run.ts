import { createClient } from './client.ts';
import type { Command, Given } from './command.ts';
import { COMMANDS } from './commands/index.ts';
import { CliFailure, EXIT, type ExitCode, usage } from './failure.ts';
import { helpOf, overview } from './help.ts';
import { createOutput, type Io, type Output } from './output.ts';
import { findCommand, nameWords, type Parsed, parseWords } from './parse.ts';
import { readSettings } from './settings.ts';

/** One command, from its words to how it ends. */
export async function run(io: Io, stop: AbortSignal): Promise<ExitCode> {
  const { command, rest, named } = findCommand(io.argv, COMMANDS);
  const isJson = io.argv.includes('--json');
  const out = createOutput(io, isJson);
  try {
    if (!command) return withoutCommand(io.argv, named, out);
    const own = command.name === '__complete' ? { words: rest, values: {} } : parseWords(rest, command.options);
    if (own.values.help === true) out.raw(helpOf(command));
    else await command.run(givenBy(command, own, { io, out, stop }));
    return EXIT.ok;
  } catch (err) {
    if (!(err instanceof CliFailure)) throw err;
    tell(err, out, isJson, command);
    return err.exit;
  }
}

function withoutCommand(argv: readonly string[], named: readonly string[], out: Output): ExitCode {
  const [word] = named;
  const isGroup = COMMANDS.some(({ name }) => name.startsWith(`${word} `));
  if (word === undefined || word === 'help') {
    const about = COMMANDS.find(({ name }) => name === named.slice(1).join(' '));
    if (word === undefined) parseWords(argv.filter((each) => each !== '--')); // says which option is not known
    out.raw(about && word === 'help' ? helpOf(about) : overview(COMMANDS));
    return argv.length === 0 ? EXIT.usage : EXIT.ok;
  }
  if (isGroup) {
    const within = COMMANDS.filter(({ name }) => name.startsWith(`${word} `)).map(({ name }) => name);
    throw usage(`"${named.join(' ')}" is no command; there are: ${within.join(', ')}`);
  }
  throw usage(`"${word}" is no command; \`pco --help\` shows them all`);
}

function tell(err: CliFailure, out: Output, isJson: boolean, command: Command | undefined): void {
  if (isJson) out.json({ error: err.message, code: err.code ?? null, exit: err.exit });
  out.warn(err.code ? `${err.message} (${err.code})` : err.message);
  if (err.exit === EXIT.usage && command && err.code === undefined) out.warn(`see pco ${command.name} --help`);
}

interface World {
  readonly io: Io;
  readonly out: Output;
  readonly stop: AbortSignal;
}

function givenBy(command: Command, { words, values }: Parsed, { io, out, stop }: World): Given {
  const named = command.name === '__complete' ? {} : nameWords(command, words);
  const stringOf = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  const optional = (name: string) => named[name];
  let client: ReturnType<typeof createClient> | undefined;
  return {
    io,
    out,
    stop,
    api() {
      if (client) return client;
      const source = { url: stringOf('url'), token: stringOf('token'), tokenFile: stringOf('token-file') };
      const settings = readSettings({ env: io.env, ...source });
      for (const warning of settings.warnings) out.warn(`warning: ${warning}`);
      client = createClient(settings);
      return client;
    },
    arg(name) {
      const word = named[name];
      if (word === undefined) throw usage(`${command.name}: ${name.toUpperCase()} is missing`);
      return word;
    },
    optional,
    option: stringOf,
    many: (name) => [values[name] ?? []].flat().map(String),
    isSet: (name) => values[name] === true,
    async text(name) {
      const word = named[name];
      if (word !== undefined && word !== '-') return word;
      return word === '-' ? readAll(io.stdin) : undefined;
    },
  };
}

async function readAll(input: Io['stdin']): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8').trimEnd();
}

import { LIST_MAX } from '@pco/shared/contracts/http';
import { type Client, createClient } from '../client.ts';
import type { Command, Kind, Option } from '../command.ts';
import { COMMON, findCommand } from '../parse.ts';
import { readSettings, type SettingsSource } from '../settings.ts';

/** A file is wanted: the shell knows those itself. */
export const FILES = ':files';

export interface Candidate {
  readonly value: string;
  readonly about: string;
}
type Offer = Candidate | typeof FILES;

/** What may stand in place of the last of the words, which may be empty. Never a fault: who presses Tab wants no words. */
export async function candidates(
  words: readonly string[],
  commands: readonly Command[],
  env: SettingsSource['env'],
): Promise<Offer[]> {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const { command, rest } = findCommand(before, commands);
  const options = { ...COMMON, ...command?.options };
  const asked = before.at(-1)?.startsWith('--') ? options[before.at(-1)?.slice(2) ?? ''] : undefined;
  const offers = await offered();
  return offers.filter((each) => each === FILES || each.value.startsWith(current));

  async function offered(): Promise<Offer[]> {
    if (asked?.value) return ofKind(asked.kind, () => clientOf(before, env));
    if (current.startsWith('-')) return optionNames(options);
    if (!command) return commandNames(before, commands);
    const at = plainWords(rest, options).length;
    const { args = [] } = command;
    return ofKind(args[at]?.kind, () => clientOf(before, env));
  }
}

const optionNames = (options: Readonly<Record<string, Option>>): Candidate[] =>
  Object.entries(options).map(([name, { summary }]) => ({ value: `--${name}`, about: summary }));

/** First words, or second ones of the group that was begun. */
function commandNames(before: readonly string[], commands: readonly Command[]): Candidate[] {
  const group = plainWords(before, COMMON)[0];
  const shown = commands.filter(({ isHidden }) => !isHidden);
  if (group !== undefined)
    return shown.flatMap(({ name, summary }) =>
      name.startsWith(`${group} `) ? [{ value: name.slice(group.length + 1), about: summary }] : [],
    );
  const firsts = new Map<string, string>();
  for (const { name, summary } of shown) {
    const [first = ''] = name.split(' ');
    if (!firsts.has(first)) firsts.set(first, summary);
  }
  return [...firsts].map(([value, about]) => ({ value, about }));
}

/** Words that are neither options nor their values. */
function plainWords(words: readonly string[], options: Readonly<Record<string, Option>>): string[] {
  return words.filter((word, at) => {
    const previous = words[at - 1];
    const isValue = previous?.startsWith('--') === true && Boolean(options[previous.slice(2)]?.value);
    return !word.startsWith('-') && !isValue;
  });
}

async function ofKind(kind: Kind | undefined, open: () => Client | undefined): Promise<Offer[]> {
  if (!kind || kind.of === 'text') return [];
  if (kind.of === 'file') return [FILES];
  if (kind.of === 'words') return kind.words.map((value) => ({ value, about: '' }));
  try {
    const client = open();
    return client ? await asked(kind, client) : [];
  } catch {
    return []; // no api, no access: nothing to offer
  }
}

async function asked(kind: Kind, client: Client): Promise<Candidate[]> {
  if (kind.of === 'ticket') {
    const status = kind.among ? { status: [...kind.among] } : {};
    const { tickets } = await client.call('tickets', { query: { ...status, limit: String(LIST_MAX) } });
    return tickets.map(({ id, status: is, title }) => ({ value: id, about: `${is}: ${title}` }));
  }
  if (kind.of === 'project')
    return (await client.call('projects')).map(({ identifier, id }) => ({ value: identifier, about: id }));
  if (kind.of === 'runner') return (await client.call('runners')).map(({ id, state }) => ({ value: id, about: state }));
  if (kind.of === 'token')
    return (await client.call('tokens')).flatMap(({ id, name, role }) => (id ? [{ value: name, about: role }] : []));
  return [];
}

/** The api that the line itself names, or the usual one. */
function clientOf(words: readonly string[], env: SettingsSource['env']): Client {
  const given = (name: string): string | undefined => {
    const at = words.indexOf(`--${name}`);
    return at < 0 ? undefined : words[at + 1];
  };
  return createClient(readSettings({ env, url: given('url'), token: given('token'), tokenFile: given('token-file') }));
}

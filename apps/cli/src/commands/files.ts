import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '@pco/shared/errors';
import type { Command, Given } from '../command.ts';
import { CliFailure, EXIT, usage } from '../failure.ts';
import { printableJson } from '../text.ts';

const NAMES = ['pending', 'active', 'completed'] as const;
/** As the api keeps them in its data folder (B-078). */
const fileOf = (folder: string, name: string): string => join(folder, `${name}-tickets.json`);

export const fileCommands: readonly Command[] = [
  {
    name: 'export',
    summary: 'The lists of pending, active and completed tickets, as one document or as three files',
    args: [{ name: 'folder', kind: { of: 'file' }, isOptional: true }],
    notes:
      'With FOLDER it writes pending-tickets.json, active-tickets.json and completed-tickets.json there, each whole.',
    async run({ api, out, optional }) {
      const lists = await api().call('exportTickets');
      const folder = optional('folder');
      if (folder === undefined) return out.json(lists);
      for (const name of NAMES) replace(folder, fileOf(folder, name), `${printableJson(lists[name], 1)}\n`);
      const counts = Object.fromEntries(NAMES.map((name) => [name, lists[name].length]));
      out.result({ folder, ...counts }, () =>
        out.say(`${folder}: ${NAMES.map((name) => `${counts[name]} ${name}`).join(', ')}`),
      );
    },
  },
  {
    name: 'import',
    summary: 'Brings such files back in; what is here already stays as it is',
    args: [{ name: 'path', kind: { of: 'file' } }],
    notes:
      'PATH is a folder with at least one of the three files, a document of `pco export`, or - for standard input.',
    async run(given) {
      const outcome = await given.api().call('importTickets', { body: await read(given) });
      given.out.result(outcome, () => {
        given.out.say(`${outcome.imported.length} imported, ${outcome.skipped.length} skipped`);
        for (const { id, why } of outcome.skipped) given.out.say(`  ${id}: ${why}`);
      });
    },
  },
];

async function read(given: Given): Promise<Record<string, unknown>> {
  const path = given.arg('path');
  if (path === '-') return documentOf((await given.text('path')) ?? '', 'standard input');
  try {
    if (!statSync(path).isDirectory()) return documentOf(readFileSync(path, 'utf8'), path);
  } catch (err) {
    if (err instanceof CliFailure) throw err;
    throw usage(`${path} cannot be read: ${messageOf(err)}`);
  }
  const lists = NAMES.flatMap((name) => {
    const text = textOf(fileOf(path, name));
    return text === undefined ? [] : [[name, parsed(text, fileOf(path, name))] as const];
  });
  if (lists.length === 0) throw usage(`${path} has none of ${NAMES.map((name) => `${name}-tickets.json`).join(', ')}`);
  return Object.fromEntries(lists);
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (err) {
    if (err instanceof Error && 'code' in err && err.code === 'ENOENT') return undefined;
    throw usage(`${path} cannot be read: ${messageOf(err)}`);
  }
}

function documentOf(text: string, from: string): Record<string, unknown> {
  const value = parsed(text, from);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw usage(
    `${from} holds no document with the lists pending, active and completed; for single lists name their folder`,
  );
}

function parsed(text: string, from: string): unknown {
  try {
    return JSON.parse(text);
  } catch (err) {
    throw usage(`${from} is not JSON: ${messageOf(err)}`);
  }
}

function replace(folder: string, path: string, text: string): void {
  const temporary = join(folder, `.${randomUUID()}.tmp`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(temporary, text, { mode: 0o600, flush: true });
    renameSync(temporary, path);
  } catch (err) {
    throw new CliFailure(EXIT.failed, `${path} could not be written: ${messageOf(err)}`);
  }
}

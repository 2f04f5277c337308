import { createHash } from 'node:crypto';
import { chmodSync, createReadStream, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { run } from '@pco/shared/run-program';
import { Refusal } from '../refusal.ts';

const SUMS = 'SHA256SUMS';

/** Notes the sum of every file, in the form that `sha256sum --check` reads, and packs the folder. */
export async function pack(dir: string, archive: string): Promise<void> {
  const sums = await sumsOf(dir);
  writeFileSync(join(dir, SUMS), [...sums].map(([file, sum]) => `${sum}  ${file}\n`).join(''));
  const draft = `${archive}.partial`;
  writeFileSync(draft, '', { mode: 0o600 });
  await tar(['-czf', draft, '-C', dir, '.']);
  chmodSync(draft, 0o600);
  renameSync(draft, archive);
}

/** @throws Refusal when it is no whole backup */
export async function unpack(archive: string, dir: string): Promise<void> {
  if (!existsSync(archive)) throw new Refusal(`${archive}: there is no such file`);
  await tar(['-xzf', archive, '-C', dir]);
  if (!existsSync(join(dir, SUMS))) throw new Refusal(`${archive} is no backup: it has no ${SUMS}`);
  const noted = new Map(
    readFileSync(join(dir, SUMS), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line): [string, string] => [line.slice(66), line.slice(0, 64)]),
  );
  const found = await sumsOf(dir);
  const damaged = [...noted].filter(([file, sum]) => found.get(file) !== sum).map(([file]) => file);
  const foreign = [...found.keys()].filter((file) => !noted.has(file));
  if (damaged.length + foreign.length > 0)
    throw new Refusal(
      `${archive} is damaged, nothing was restored: ${[...damaged, ...foreign].slice(0, 5).join(', ')}`,
    );
}

async function sumsOf(dir: string): Promise<Map<string, string>> {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
    .filter((file) => file !== SUMS)
    .sort();
  const sums = new Map<string, string>();
  for (const file of files) sums.set(file, await sumOf(join(dir, file)));
  return sums;
}

async function sumOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer); // without an encoding
  return hash.digest('hex');
}

async function tar(args: readonly string[]): Promise<void> {
  const { ok, output } = await run('tar', args);
  if (!ok) throw new Refusal(`tar ${args[0]}: ${output.slice(0, 500)}`);
}

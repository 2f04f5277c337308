import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '@pco/shared/run-program';
import { Refusal } from './refusal.ts';

/** A small program with a fault that the first ticket of the try-out describes. */
const FILES: Readonly<Record<string, string>> = {
  'README.md': `# invoice

Adds up the lines of an invoice. A scratch repository for trying things out: break it as you like.

    node --test
`,
  'package.json': `${JSON.stringify({ name: 'invoice', private: true, type: 'module', scripts: { test: 'node --test' } }, null, 2)}\n`,
  'src/invoice.js': `/** Sum of an invoice in whole cents; each line has a price in cents, a count and perhaps a discount in percent. */
export function total(lines) {
  return lines.reduce((sum, line) => sum + lineTotal(line), 0);
}

function lineTotal({ cents, count, discount = 0 }) {
  return Math.floor(cents * count * (1 - discount / 100));
}
`,
  'test/invoice.test.js': `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { total } from '../src/invoice.js';

test('lines are added up', () => {
  assert.equal(total([{ cents: 250, count: 2 }, { cents: 100, count: 1 }]), 600);
});

test('a discount is taken off', () => {
  assert.equal(total([{ cents: 1000, count: 1, discount: 10 }]), 900);
});
`,
};

/** Makes the repository with one commit, unless it is there. Nothing of the user's git configuration is needed. */
export async function createScratchRepo(dir: string): Promise<void> {
  if (existsSync(join(dir, '.git'))) return;
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  const who = ['-c', 'user.name=Try-out', '-c', 'user.email=try-out@example.org', '-c', 'commit.gpgsign=false'];
  await git(dir, 'init', '--quiet', '--initial-branch=main');
  await git(dir, 'add', '--all');
  await git(dir, ...who, 'commit', '--quiet', '--no-verify', '--message', 'Add up the lines of an invoice');
}

async function git(dir: string, ...args: string[]): Promise<void> {
  const ran = await run('git', ['-C', dir, ...args]);
  if (!ran.ok) throw new Refusal(`git ${args.join(' ')} failed in ${dir}: ${ran.output}`);
}

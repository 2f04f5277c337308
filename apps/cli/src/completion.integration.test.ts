import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { hasProgram, trigger } from '@pco/shared/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiFixture, apiFixture } from '../../api/src/testing/api-fixture.ts';
import { SHELLS, scriptFor } from './completion/scripts.ts';
import { typed } from './testing/typed.ts';

const SHELL_MS = 60_000;
let api: ApiFixture;
let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pco-completion-'));
  // straight to the program: what finds Node and the packages is not what is tried here
  const main = resolve(import.meta.dirname, 'main.ts');
  writeFileSync(join(dir, 'pco'), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
  chmodSync(join(dir, 'pco'), 0o755);
  for (const shell of SHELLS) writeFileSync(join(dir, `pco.${shell}`), scriptFor(shell));
  api = await apiFixture();
  await api.bring('ACME-1', 'pending');
  await api.bring('ACME-12', 'cancelled');
  const title = 'a $(touch owned) `touch owned`; touch owned\n:files';
  await api.core.change({ ...trigger({ workItem: { title } }), ticketId: 'EVIL-1' });
});
afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

/** What a shell says, with `pco` on its PATH; asynchronous, because the api answers from this process. */
async function inShell(program: string, ...args: string[]): Promise<string[]> {
  const { promise, resolve: done, reject } = Promise.withResolvers<string>();
  const env = {
    PATH: `${dir}:${process.env.PATH}`,
    HOME: dir,
    PCO_API_URL: api.url,
    NODE_COMPILE_CACHE: join(dir, 'cache'),
  };
  execFile(program, args, { env, cwd: dir }, (err, stdout) => (err ? reject(err) : done(stdout)));
  return (await promise).split('\n').filter((line) => line !== '');
}

const offered = async (...words: string[]) => {
  const { stdout } = await typed(['__complete', '--', ...words], { env: { PCO_API_URL: api.url } });
  return stdout.split('\n').flatMap((line) => line.split('\t')[0] || []);
};

test.each([
  [['app'], ['approve']],
  [
    ['tokens', ''],
    ['list', 'create', 'revoke'],
  ],
  [['approve', 'ACME'], ['ACME-1']],
  [
    ['--json', 'approve', ''],
    ['ACME-1', 'EVIL-1'],
  ],
  [['update', ''], []],
  [
    ['show', 'ACME-'],
    ['ACME-12', 'ACME-1'],
  ],
  [['show', 'ACME-1', ''], []],
  [['list', '--status', 'comp'], ['completed']],
  [['list', '--st'], ['--status']],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [['import', ''], [':files']],
  [['--url', 'http://127.0.0.1:9', 'show', ''], []],
  [['nonsense', ''], []],
])('after %j come %j', async (words, expected) => {
  expect((await offered(...words)).sort()).toEqual([...expected].sort());
});

test('bash completes tickets of the api and files, and obeys no title', { timeout: SHELL_MS }, async () => {
  const script = `source ${dir}/pco.bash
complete_() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pco; printf '%s\\n' "\${COMPREPLY[@]}"; }
complete_ pco approve ''
complete_ ${dir}/pco show ACME-12
complete_ pco projects p
complete -p pco`;
  expect((await inShell('bash', '--norc', '-c', script)).sort()).toEqual(
    ['ACME-1', 'EVIL-1', 'ACME-12', 'poll', 'complete -F _pco pco'].sort(),
  );
  expect(await inShell('ls', '-A', dir)).not.toContain('owned');
});

test('the script for bash is what bash takes for sound', () => {
  expect(spawnSync('bash', ['-n', join(dir, 'pco.bash')], { encoding: 'utf8' })).toMatchObject({
    status: 0,
    stderr: '',
  });
});

test.skipIf(!hasProgram('zsh'))('zsh completes tickets of the api', { timeout: SHELL_MS }, async () => {
  const script = `compadd() { print -l -- "\${(@P)@[-1]}"; }; source ${dir}/pco.zsh
words=(pco approve ''); CURRENT=3; _pco`;
  expect((await inShell('zsh', '-f', '-c', script)).sort()).toEqual(['ACME-1', 'EVIL-1']);
});

test.skipIf(!hasProgram('fish'))('fish completes tickets of the api', { timeout: SHELL_MS }, async () => {
  const script = `source ${dir}/pco.fish; complete -C 'pco approve A'`;
  expect(await inShell('fish', '--no-config', '-c', script)).toEqual([expect.stringMatching(/^ACME-1\tpending: /)]);
});

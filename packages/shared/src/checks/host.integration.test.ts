import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { gitEnvironment } from '../run-program.ts';
import { testConfig } from '../testing/config-fixture.ts';
import { checkClaude } from './claude.ts';
import { checkRepos } from './host.ts';

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'pco-checks-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A program of that name that does not end, nor when it is asked to. */
function hanging(name: string): string {
  const dir = folder();
  writeFileSync(join(dir, name), '#!/bin/sh\ntrap "" TERM\nexec sleep 20\n');
  chmodSync(join(dir, name), 0o755);
  return dir;
}

const LIMIT_MS = 300;
const agent = ['/bin/true'];

test('a git that hangs is a finding of its own, in time', async () => {
  const bin = hanging('git');
  const config = testConfig({ automation: { repo_path: folder(), agent_command: agent } });
  const began = performance.now();
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
  expect(await checkRepos(config, env, LIMIT_MS)).toMatchObject([
    { level: 'bad', what: 'repository', detail: expect.stringContaining('git does not answer') },
  ]);
  expect(performance.now() - began).toBeLessThan(10_000);
});

test('a Claude Code that hangs is not taken for one that is missing', async () => {
  const claude_bin = join(hanging('claude'), 'claude');
  const config = testConfig({ automation: { claude_bin } });
  expect(await checkClaude(config, process.env, LIMIT_MS)).toMatchObject([
    { level: 'bad', detail: `${claude_bin} does not answer`, mend: expect.stringContaining('--version') },
  ]);
});

test('what a git hook around us has set does not count', async () => {
  const repo = folder();
  const git = (...args: string[]) => execFileSync('git', ['-C', repo, ...args], { env: gitEnvironment() });
  git('init', '-q', '-b', 'main');
  git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-q', '--allow-empty', '-m', 'one');
  const elsewhere = join(folder(), 'empty');
  mkdirSync(elsewhere);
  const config = testConfig({ automation: { repo_path: repo, base_branch: 'main', agent_command: agent } });
  expect(await checkRepos(config, { ...process.env, GIT_DIR: elsewhere })).toMatchObject([{ level: 'ok' }]);
});

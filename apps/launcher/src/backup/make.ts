import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Config } from '@pco/shared/config';
import { countKeys } from '@pco/shared/redis';
import { z } from 'zod';
import { ROOT } from '../services.ts';
import type { Terminal } from '../terminal.ts';
import { pack } from './archive.ts';
import { copyConfig } from './config-copy.ts';
import { copyLogs, copyTree, isState } from './files.ts';
import { archiveName, removeOutdated } from './keep.ts';
import { FORMAT, type Manifest } from './manifest.ts';
import { openRedis } from './open-redis.ts';
import { pauseFor } from './pause-for.ts';
import { writeRedisFile } from './redis-file.ts';
import { saveWork } from './save-work.ts';

export interface BackupOptions {
  readonly to: string;
  readonly keepDays: number;
  /** How long writers may wait; if it is not said, as long as what Redis holds may need on a busy machine. */
  readonly pauseMs?: number;
  readonly withSecrets: boolean;
  readonly withRecordings: boolean;
}

/** @throws Refusal, AppError; there is no new archive then */
export async function backUp(
  config: Config,
  file: string | undefined,
  options: BackupOptions,
  terminal: Terminal,
): Promise<void> {
  const madeAt = new Date();
  mkdirSync(options.to, { recursive: true, mode: 0o700 });
  const dir = mkdtempSync(join(options.to, '.pco-backup-'));
  try {
    const leftOut = file === undefined ? [] : copyConfig(file, join(dir, 'config'), options.withSecrets);
    if (config.logging.file) copyLogs(config.logging.file, join(dir, 'logs'));
    copyData(config, join(dir, 'data'), options);
    const worktrees = await saveWork(worktreesOf(config), join(dir, 'work'));
    // last: what became of a file that is missing stands there; the other way round it would be lost
    const redis = await saveRedis(config, join(dir, 'redis.jsonl'), options.pauseMs, terminal);
    const manifest: Manifest = {
      format: FORMAT,
      version: Package.parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))).version,
      madeAt: madeAt.toISOString(),
      host: hostname(),
      redis,
      dataDir: config.data_dir,
      withSecrets: options.withSecrets,
      leftOut,
      worktrees,
    };
    writeFileSync(join(dir, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    const archive = join(options.to, archiveName(madeAt));
    await pack(dir, archive);
    tell(terminal.say, archive, manifest);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  for (const name of removeOutdated(options.to, madeAt, options.keepDays)) terminal.say(`removed: ${name}`);
}

const Package = z.object({ version: z.string() });

/** `readConfig` gives every path in full. */
const worktreesOf = ({ automation, data_dir }: Config): string =>
  automation.worktree_root ?? join(data_dir, 'worktrees');

function copyData(config: Config, to: string, { to: archives, withRecordings }: BackupOptions): void {
  const recordings = join(config.data_dir, 'tmux-session-service', 'recordings');
  const isOurs = isState(config.data_dir, worktreesOf(config));
  const isWanted = (path: string) => isOurs(path) && path !== archives && (withRecordings || path !== recordings);
  mkdirSync(config.data_dir, { recursive: true });
  copyTree(config.data_dir, to, isWanted);
}

async function saveRedis(config: Config, file: string, pauseMs: number | undefined, terminal: Terminal) {
  await using redis = await openRedis(config, terminal);
  const [, version = 'unknown'] = /redis_version:(\S+)/.exec(await redis.client.info('server')) ?? [];
  const { keys, pausedMs, tickets } = await writeRedisFile(
    file,
    redis,
    pauseMs ?? pauseFor(await countKeys(redis.client)),
  );
  return { prefix: config.redis.prefix, version, keys, tickets, pausedMs };
}

function tell(
  say: (line: string) => void,
  archive: string,
  { redis, worktrees, leftOut, withSecrets }: Manifest,
): void {
  const unpushed = worktrees.filter(({ bundle }) => bundle !== undefined).length;
  say(`saved: ${archive} (${(statSync(archive).size / 1e6).toFixed(1)} MB)`);
  say(`  ${redis.tickets} tickets, ${redis.keys} keys of Redis; writes waited ${redis.pausedMs} ms`);
  say(`  ${worktrees.length} worktrees, ${unpushed} with work that is on no remote`);
  if (withSecrets) say('  with secrets: keep it where only you can read it');
  else if (leftOut.length > 0) say(`  without secrets: ${leftOut.join(', ')}`);
}

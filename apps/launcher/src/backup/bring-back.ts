import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { type Config, readConfig } from '@pco/shared/config';
import { consumersOf, dropKeys, holdsKeys, type RedisHandle } from '@pco/shared/redis';
import { lockDataDir } from '@pco/shared/service';
import { holderOf } from '../lock.ts';
import { Refusal } from '../refusal.ts';
import type { Terminal } from '../terminal.ts';
import { unpack } from './archive.ts';
import { restoreConfig } from './config-copy.ts';
import { copyTree, isState } from './files.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { openRedis } from './open-redis.ts';
import { readAllTickets, readRedisFile } from './redis-file.ts';
import { restoreWork } from './restore-work.ts';

export const PARTS = ['redis', 'data', 'work', 'logs'] as const;
export type Part = (typeof PARTS)[number];

export interface RestoreOptions {
  readonly config: string | undefined;
  readonly parts: readonly Part[];
  readonly replace: boolean;
}

/** @throws Refusal when it is damaged */
export async function checkArchive(archive: string, terminal: Terminal): Promise<void> {
  await using from = await unpacked(archive);
  tellOf(from.manifest, terminal);
  terminal.say('whole: every file has its sum');
}

/**
 * First everything that may refuse, then everything that changes something.
 *
 * @throws Refusal, AppError; what stands there tells what to do
 */
export async function bringBack(archive: string, options: RestoreOptions, terminal: Terminal): Promise<void> {
  await using from = await unpacked(archive);
  const { dir, manifest } = from;
  tellOf(manifest, terminal);
  const config = bringConfig(dir, manifest, options, terminal);
  const is = (part: Part) => options.parts.includes(part);
  mkdirSync(config.data_dir, { recursive: true, mode: 0o700 });
  using _quiet = holdStill(config);
  await using redis = is('redis') ? await openTarget(config, manifest, options.replace, terminal) : undefined;
  if (is('data')) makeRoom(config, options.replace, terminal);
  if (redis) await bringRedis(join(dir, 'redis.jsonl'), manifest, redis, terminal);
  if (is('data')) copyTree(join(dir, 'data'), config.data_dir, () => true);
  if (is('logs')) bringLogs(join(dir, 'logs'), config.logging.file);
  const troubles = is('work')
    ? await restoreWork(manifest.worktrees, join(dir, 'work'), join(config.data_dir, 'restored-work'))
    : [];
  for (const trouble of troubles) terminal.say(`look at this: ${trouble}`);
  terminal.say('restored. Start the services; docs/operations.md says what to look at afterwards');
}

interface Unpacked extends AsyncDisposable {
  readonly dir: string;
  readonly manifest: Manifest;
}

async function unpacked(archive: string): Promise<Unpacked> {
  const dir = mkdtempSync(join(tmpdir(), 'pco-restore-'));
  const remove = () => rmSync(dir, { recursive: true, force: true });
  try {
    await unpack(resolve(archive), dir);
    return { dir, manifest: readManifest(dir), [Symbol.asyncDispose]: async () => remove() };
  } catch (err) {
    remove();
    throw err;
  }
}

function tellOf({ madeAt, host, version, redis, worktrees, withSecrets }: Manifest, { say }: Terminal): void {
  say(`backup of ${madeAt}, made on ${host} by version ${version}${withSecrets ? ', with secrets' : ''}`);
  say(`  ${redis.tickets} tickets, ${redis.keys} keys of Redis ${redis.version}, ${worktrees.length} worktrees`);
}

/** @throws AppError CONFIG_INVALID, which names the secrets that a person has to put back */
function bringConfig(dir: string, { leftOut }: Manifest, { config }: RestoreOptions, { say }: Terminal): Config {
  const file = resolve(config ?? process.env.PCO_CONFIG ?? 'config.yaml');
  if (!existsSync(file) && existsSync(join(dir, 'config'))) {
    for (const path of restoreConfig(join(dir, 'config'), file)) say(`brought back: ${path}`);
    if (leftOut.length > 0) say(`put these back, they are not in the backup: ${leftOut.join(', ')}`);
  }
  return readConfig({ env: process.env, argv: ['--config', file], cwd: process.cwd() });
}

/**
 * Nothing of this host runs, and nothing starts meanwhile.
 *
 * @throws Refusal, AppError DATA_DIR_TAKEN
 */
function holdStill({ data_dir }: Config): Disposable {
  const holder = holderOf(data_dir);
  if (holder !== undefined) throw new Refusal(`npm start runs on ${data_dir} (pid ${holder}); stop it first`);
  using stack = new DisposableStack();
  stack.use(lockDataDir(data_dir, { name: 'session-worker', file: 'session-worker.lock' }, process.pid));
  const terminals = join(data_dir, 'tmux-session-service');
  if (existsSync(terminals))
    stack.use(lockDataDir(terminals, { name: 'terminal service', file: 'service.lock' }, process.pid));
  return stack.move();
}

/** @throws Refusal when something is there */
function makeRoom(config: Config, replace: boolean, { say }: Terminal): void {
  const { data_dir, automation } = config;
  const isOurs = isState(data_dir, automation.worktree_root ?? join(data_dir, 'worktrees'));
  const there = readdirSync(data_dir).filter((name) => isOurs(join(data_dir, name)) && !name.startsWith(ASIDE));
  if (there.length === 0) return;
  if (!replace)
    throw new Refusal(
      `${data_dir} is not empty (${there.slice(0, 3).join(', ')} …); --replace sets aside what is there`,
    );
  const aside = join(data_dir, `${ASIDE}${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}Z`);
  mkdirSync(aside, { mode: 0o700 });
  for (const name of there) setAside(join(data_dir, name), join(aside, name));
  say(`set aside: ${aside}`);
}

const ASIDE = 'before-restore-';

const NOT_MOVED: readonly unknown[] = ['EACCES', 'EBUSY', 'EXDEV'];

/** A folder in which another disk is mounted cannot be moved, as in containers that of the terminals: what is in it can. */
function setAside(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (err) {
    if (!(err instanceof Error && 'code' in err && NOT_MOVED.includes(err.code))) throw err;
    copyTree(from, to, () => true);
    for (const name of readdirSync(from)) rmSync(join(from, name), { recursive: true });
  }
}

/** @throws Refusal when it is not for us to fill */
async function openTarget(config: Config, { redis }: Manifest, replace: boolean, terminal: Terminal) {
  const { prefix } = config.redis;
  if (prefix !== redis.prefix)
    throw new Refusal(`the backup has redis.prefix ${redis.prefix}, the configuration ${prefix}; make them the same`);
  await using stack = new AsyncDisposableStack();
  const handle = stack.use(await openRedis(config, terminal));
  await mayWrite(handle, replace);
  const open = stack.move();
  return { ...handle, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

async function bringRedis(file: string, { redis: saved }: Manifest, redis: RedisHandle, terminal: Terminal) {
  await dropKeys(redis.client, redis.prefix);
  const keys = await readRedisFile(file, redis);
  // what was written to Plane after the backup carries keys that would come again
  await redis.client.del(redis.keys.installation);
  const tickets = await readAllTickets(redis);
  if (tickets !== saved.tickets)
    throw new Refusal(`${tickets} of ${saved.tickets} tickets can be read; look into the log of Redis`);
  terminal.say(`Redis: ${keys} keys, ${tickets} tickets, all can be read`);
}

/** Over no log that is being written here. */
function bringLogs(from: string, file: string): void {
  if (!existsSync(from) || file === '') return;
  const to = dirname(file);
  mkdirSync(to, { recursive: true });
  copyTree(from, to, (path) => !existsSync(join(to, basename(path))));
}

/** @throws Refusal when services run on it, or keys are there */
async function mayWrite({ client, prefix }: RedisHandle, replace: boolean): Promise<void> {
  const queues = await consumersOf(client, prefix);
  if (queues.length > 0) throw new Refusal(`services still run on this Redis (${queues.join(', ')}); stop them first`);
  if (!replace && (await holdsKeys(client, prefix)))
    throw new Refusal(`this Redis holds keys of ${prefix}; --replace removes them (back them up first)`);
}

import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Claude Code behaves differently from version to version: the tests name the one that they were written against. */
export const CLAUDE_VERSION = '2.1.329';

const PACKAGE = '@anthropic-ai/claude-code';
const CACHE = resolve(import.meta.dirname, '../../../.cache/claude-code');
const PARTIAL = 'partial-';
const FETCH_LIMIT_MS = 15 * 60_000; // 361 MB on disk; a slow line takes minutes
const PROGRESS_MS = 3_000;
const STALE_MS = 60 * 60_000; // longer than any fetch may take: nobody works on it any more

export interface Claude {
  /** The native program; it runs without Node. */
  readonly path: string;
  readonly version: string;
}

/**
 * The pinned Claude Code, from a cache of our own in the repository; fetched with npm when it is not there. It is
 * nobody's dependency: only these tests need it.
 */
export async function fetchClaude(say: (line: string) => void): Promise<Claude> {
  const home = join(CACHE, CLAUDE_VERSION);
  const kept = await look(home);
  if (kept) return told(kept, say);
  mkdirSync(CACHE, { recursive: true });
  removeStale();
  const partial = mkdtempSync(join(CACHE, PARTIAL));
  try {
    await install(partial, say);
    const fresh = await look(partial);
    if (!fresh)
      throw new Error(
        `npm installed ${PACKAGE}@${CLAUDE_VERSION}, but it does not run here (${process.platform} ${process.arch})`,
      );
    await moveTo(home, partial);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  const moved = await look(home);
  if (!moved) throw new Error(`${home} holds no working Claude Code; remove it and try again`);
  return told(moved, say);
}

function told(claude: Claude, say: (line: string) => void): Claude {
  say(`Claude Code: ${claude.version} (${claude.path})`);
  return claude;
}

/** The program in a folder, if it is there and is what we want: what was cut short does not run. */
async function look(home: string): Promise<Claude | undefined> {
  const path = programIn(home);
  if (!path) return undefined;
  const version = await new Promise<string>((done) => {
    // nothing of the person's own environment: neither credentials nor settings
    const env = { PATH: '/usr/bin:/bin', HOME: home, DISABLE_AUTOUPDATER: '1' };
    execFile(path, ['--version'], { env, timeout: 60_000 }, (err, stdout) => done(err ? '' : stdout.trim()));
  });
  return version.startsWith(`${CLAUDE_VERSION} `) ? { path, version } : undefined;
}

/** npm chose the package for this system: `claude-code-linux-x64`, or with `-musl` at its end. */
function programIn(home: string): string | undefined {
  const scope = join(home, 'node_modules/@anthropic-ai');
  const native = `claude-code-${process.platform}-${process.arch}`;
  try {
    return readdirSync(scope)
      .filter((name) => name.startsWith(native))
      .map((name) => join(scope, name, 'claude'))
      .find((path) => statSync(path).isFile());
  } catch {
    return undefined;
  }
}

/** @throws Error with what npm says */
async function install(prefix: string, say: (line: string) => void): Promise<void> {
  const wanted = `${PACKAGE}@${CLAUDE_VERSION}`;
  const args = ['install', '--prefix', prefix, '--ignore-scripts', '--no-audit', '--no-fund', '--no-save'];
  const began = performance.now();
  const seconds = () => Math.round((performance.now() - began) / 1_000);
  say(`fetching Claude Code ${CLAUDE_VERSION} with npm (about 360 MB on disk, once)`);
  const child = spawn('npm', [...args, '--include=optional', '--loglevel=error', wanted], {
    cwd: prefix,
    env: withoutOuterNpm(),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: FETCH_LIMIT_MS,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
    });
  const progress = setInterval(() => {
    say(`fetching Claude Code: ${seconds()} s, ${Math.round(sizeOf(prefix) / 1e6)} MB so far`);
  }, PROGRESS_MS);
  const why = await new Promise<string | undefined>((done) => {
    child.on('error', (err) => done(err.message));
    child.on('close', (code, signal) =>
      done(code === 0 ? undefined : `npm ended with ${signal ?? `exit code ${code}`}`),
    );
  });
  clearInterval(progress);
  if (why === undefined) return say(`fetched Claude Code in ${seconds()} s`);
  const words = output
    .trim()
    .split('\n')
    .filter((line) => !/^npm error\s+at /.test(line));
  throw new Error(
    `${wanted} could not be fetched after ${seconds()} s (${why}). These tests need it: is the npm registry reachable?\n${words.slice(0, 10).join('\n')}`,
  );
}

/** What `npm test` tells its children about its own run would steer this one; a person's proxy and registry stay. */
const withoutOuterNpm = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(npm_(package|lifecycle|command|config_(local_prefix|workspace|omit|global|save))|INIT_CWD)/i.test(name),
    ),
  );

/** A whole folder appears at once; one that another run made meanwhile and that works is as good as ours. */
async function moveTo(home: string, partial: string): Promise<void> {
  if (await look(home)) return;
  rmSync(home, { recursive: true, force: true });
  renameSync(partial, home);
}

function removeStale(): void {
  for (const name of readdirSync(CACHE).filter((entry) => entry.startsWith(PARTIAL))) {
    const path = join(CACHE, name);
    if (Date.now() - statSync(path).mtimeMs > STALE_MS) rmSync(path, { recursive: true, force: true });
  }
}

/** Bytes of all files, as far as they stay while we look. */
function sizeOf(dir: string): number {
  let bytes = 0;
  for (const entry of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
    bytes += statSync(join(dir, entry), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

// `npm run test:stack [-- IMAGE]`: a bare Debian container with Node, npm and git, and nothing else of ours. In a fresh
// clone there: the shell blocks of the README as they stand, a second start, and `npm test`. Needs a container engine.

const ROOT = resolve(import.meta.dirname, '..');
const image = process.argv[2] ?? 'node:24-bookworm-slim';
const began = performance.now();
const seconds = (): string => `${Math.round((performance.now() - began) / 1_000)} s`;
const say = (line: string): void => console.log(`test:stack ${seconds()}: ${line}`);

/** The ```sh blocks of the README as they stand. The first one starts the product and waits until it is ready. */
const shellBlocks = (readme: string): string[] =>
  [...readme.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? '');

function docker(args: readonly string[], input?: Buffer): string {
  return execFileSync('docker', args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, ...(input ? { input } : {}) });
}

/** Runs a command in the container and shows what it prints. */
function inside(name: string, command: string): Promise<number> {
  const child = spawn('docker', ['exec', '--workdir', '/srv/clone', name, 'bash', '-c', command], { stdio: 'inherit' });
  return new Promise((done) => child.on('exit', (code) => done(code ?? 1)));
}

async function step(name: string, what: string, command: string): Promise<void> {
  say(what);
  const from = performance.now();
  if ((await inside(name, command)) !== 0) throw new Error(`failed: ${what}`);
  say(`${what}: ${Math.round((performance.now() - from) / 1_000)} s`);
}

// npm ends before what it started has stopped, which says so in the end
const STOP =
  "kill $!; for _ in $(seq 150); do grep -q '^stopped' start.log && break; sleep 0.1; done; grep '^stopped' start.log";
const UNTIL_READY =
  "for _ in $(seq 600); do grep -q '^ready ' start.log && break; sleep 0.1; done; grep '^ready ' start.log";
const SINCE = '$(( ($(date +%s%N) - BEGAN) / 1000000 )) ms';

function readmeScript(readme: string): string {
  const [start, ...rest] = shellBlocks(readme);
  return ['set -e', 'BEGAN=$(date +%s%N)', start, `echo "first start: ${SINCE}"`, ...rest, STOP].join('\n');
}

async function main(): Promise<void> {
  try {
    docker(['version']);
  } catch {
    throw new Error('no container engine answers; start Docker and run this again');
  }
  const work = mkdtempSync(join(tmpdir(), 'pco-stack-'));
  const bundle = join(work, 'repository.bundle');
  execFileSync('git', ['bundle', 'create', '-q', bundle, 'HEAD'], { cwd: ROOT });
  const name = `pco-test-stack-${process.pid}`;
  docker(['run', '--detach', '--init', '--name', name, image, 'sleep', '7200']);
  try {
    say(`a bare container of ${image}; bringing git, which a fresh machine is said to have`);
    docker([
      'exec',
      name,
      'bash',
      '-c',
      'apt-get -q update >/dev/null && apt-get -q -y install --no-install-recommends git >/dev/null 2>&1',
    ]);
    docker(['cp', bundle, `${name}:/srv/repository.bundle`]);
    docker(['exec', name, 'git', 'clone', '-q', '/srv/repository.bundle', '/srv/clone']);
    const script = join(work, 'readme.sh');
    writeFileSync(script, readmeScript(readFileSync(join(ROOT, 'README.md'), 'utf8')));
    docker(['cp', script, `${name}:/srv/readme.sh`]);
    await step(
      name,
      'the shell blocks of the README, from the first start on',
      'bash /srv/readme.sh; code=$?; cat start.log; exit $code',
    );
    const second = `set -e; BEGAN=$(date +%s%N); npm start > start.log 2>&1 & ${UNTIL_READY}; echo "second start: ${SINCE}"; ${STOP}`;
    await step(name, 'a second start', second);
    await step(name, 'npm test', 'npm test');
    say('all passed');
  } finally {
    docker(['rm', '--force', name]);
    rmSync(work, { recursive: true, force: true });
  }
}

await main().catch((err: unknown) => {
  console.error(`test:stack: ${err instanceof Error ? err.message : String(err)}`);
  process.exitCode = 1;
});

#!/usr/bin/env node
// The door of every npm script: `node bin/run.mjs <command> [args]`. Plain JavaScript without packages, because it
// runs on the system's Node (>= 20) before anything is installed. It brings the packages, finds a Node >= 24 that
// runs TypeScript directly, and hands over to it.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const MODULES = join(ROOT, 'node_modules');
const STAMP = join(MODULES, '.package-lock.sha256');
const NEEDED_NODE = 24;

const TARGETS = {
  start: 'apps/launcher/src/start.ts',
  init: 'apps/launcher/src/init.ts',
  doctor: 'apps/launcher/src/doctor.ts',
  backup: 'apps/launcher/src/backup.ts',
  restore: 'apps/launcher/src/restore.ts',
  pco: 'apps/cli/src/main.ts',
  'demo-kill': 'apps/launcher/src/demo-kill.ts',
  test: 'e2e/run-tests.ts',
  'test-stack': 'e2e/run-stack.ts',
  'test-compose': 'e2e/run-compose.ts',
  'test-operator': 'e2e/run-new-operator.ts',
  soak: 'e2e/run-soak.ts',
  bench: 'bench/run.ts',
  check: 'scripts/check.ts',
  screenshots: 'e2e/run-screenshots.ts',
  grafana: 'infra/grafana/source/write.ts',
  kubernetes: 'infra/kubernetes/source/write.ts',
  licenses: 'infra/supply-chain/licenses.ts',
  audit: 'infra/supply-chain/audit.ts',
  'plane-emulator': 'packages/plane-emulator/src/run.ts',
};

const [command = '', ...args] = process.argv.slice(2);
const target = Object.hasOwn(TARGETS, command) ? TARGETS[command] : undefined;
if (target === undefined) fail(`usage: node bin/run.mjs <${Object.keys(TARGETS).join('|')}> [arguments]`, 2);
if (major(process.versions.node) < 20) fail(`Node ${process.versions.node} is too old; install Node 20 or newer.`);

if (!isInstalled()) await install();
handOver(findNode(), join(ROOT, target), args);

// --- packages --------------------------------------------------------------------------------------------------

/** Whether node_modules holds what package-lock.json asks for: our stamp says so, or npm's own record does. */
function isInstalled() {
  const lock = readFileSync(join(ROOT, 'package-lock.json'));
  const hash = createHash('sha256').update(lock).digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hash) return true;
  if (!matchesNpmRecord(JSON.parse(lock.toString()))) return false;
  writeFileSync(STAMP, hash);
  return true;
}

function matchesNpmRecord(lock) {
  const record = join(MODULES, '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (!path.startsWith('node_modules/')) return true;
    const found = installed[path];
    if (found === undefined && wanted.optional) return true; // made for another platform
    return found !== undefined && found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

async function install() {
  console.log('installing packages (about a minute) …');
  // `include` because NODE_ENV=production or an npmrc would otherwise leave out the tools, or Node itself.
  const options = ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--include=dev', '--include=optional'];
  const { npm_execpath: npm } = process.env;
  const child =
    npm?.endsWith('.js') || npm?.endsWith('.cjs')
      ? spawn(process.execPath, [npm, ...options], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
      : spawn('npm', options, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const stopTicking = tick();
  const stop = passSignals(child);
  const code = await new Promise((resolve) => {
    child.on('error', (err) => resolve(output.push(Buffer.from(String(err))) && 1));
    child.on('close', (status) => resolve(status ?? 1));
  });
  stop();
  const seconds = stopTicking();
  if (code !== 0) {
    const words = Buffer.concat(output).toString().trim();
    fail(`${words}\n\nThe packages could not be installed (npm ended with ${code}). Mend that and run again.`);
  }
  writeFileSync(
    STAMP,
    createHash('sha256')
      .update(readFileSync(join(ROOT, 'package-lock.json')))
      .digest('hex'),
  );
  console.log(`packages installed in ${seconds} s`);
}

/** Shows that time passes: one line that counts on a terminal, a line every 10 s elsewhere. */
function tick() {
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  const isTerminal = process.stdout.isTTY === true;
  const show = () => process.stdout.write(isTerminal ? `\r  ${seconds()} s ` : `  ${seconds()} s\n`);
  const timer = setInterval(show, isTerminal ? 1_000 : 10_000);
  return () => {
    clearInterval(timer);
    if (isTerminal) process.stdout.write('\r\x1b[K');
    return seconds();
  };
}

// --- Node ------------------------------------------------------------------------------------------------------

function findNode() {
  if (major(process.versions.node) >= NEEDED_NODE) return process.execPath;
  const own = join(MODULES, `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(own)) return own;
  return fail(
    `Node ${NEEDED_NODE} or newer is needed; this is ${process.versions.node}, and the packages bring none for ` +
      `${process.platform}-${process.arch}. Install it (for example \`brew install node\` or \`nvm install ${NEEDED_NODE}\`) and run again.`,
  );
}

function handOver(node, script, scriptArgs) {
  const inherited = process.env;
  const env = {
    ...inherited,
    NODE_COMPILE_CACHE: inherited.NODE_COMPILE_CACHE ?? join(ROOT, '.cache', 'compile'),
    // The target stops cleanly when this process vanishes without passing a signal on.
    PCO_RUN_PID: String(process.pid),
  };
  const child = spawn(node, [script, ...scriptArgs], { stdio: 'inherit', env });
  passSignals(child);
  child.on('error', (err) => fail(`${node} could not be started: ${err.message}`));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

/** A terminal sends SIGINT to all of us and npm passes it on once more; the target counts those within a second as one. */
function passSignals(child) {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const pass = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, pass);
  return () => {
    for (const signal of signals) process.off(signal, pass);
  };
}

function major(version) {
  return Number(version.split('.')[0]);
}

function fail(message, code = 1) {
  console.error(message);
  process.exit(code);
}

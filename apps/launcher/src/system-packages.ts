import { isatty } from 'node:tty';
import { run, which } from '@pco/shared/run-program';
import { Refusal } from './refusal.ts';
import type { Terminal } from './terminal.ts';

/** A program that we need and a package manager can bring. */
export type Need = 'tmux' | 'git' | 'redis' | 'curl' | 'chromium';

interface PackageManager {
  readonly program: string;
  readonly asRoot: boolean;
  readonly names: Readonly<Record<Need, string>>;
  /** Commands in order; `{}` stands for the packages. */
  readonly steps: readonly (readonly string[])[];
}

const NAMES = { tmux: 'tmux', git: 'git', redis: 'redis', curl: 'curl', chromium: 'chromium' };
const MANAGERS: readonly PackageManager[] = [
  {
    program: 'apt-get',
    asRoot: true,
    names: { ...NAMES, redis: 'redis-server' },
    // the time-out is for the unattended upgrade that runs on a machine just switched on
    steps: [
      ['apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120', 'update'],
      ['apt-get', '-q', '-y', '-o', 'DPkg::Lock::Timeout=120', 'install', '--no-install-recommends', '{}'],
    ],
  },
  { program: 'dnf', asRoot: true, names: NAMES, steps: [['dnf', '-y', 'install', '{}']] },
  { program: 'apk', asRoot: true, names: NAMES, steps: [['apk', 'add', '{}']] },
  {
    program: 'pacman',
    asRoot: true,
    names: { ...NAMES, redis: 'valkey' },
    steps: [['pacman', '-S', '--needed', '--noconfirm', '{}']],
  },
  { program: 'brew', asRoot: false, names: NAMES, steps: [['brew', 'install', '{}']] },
];

/**
 * Asks once for everything that is missing, then installs it.
 *
 * @throws Refusal when it cannot or may not; the message names the command to run by hand
 */
export async function installPackages(needs: readonly Need[], terminal: Terminal): Promise<void> {
  if (needs.length === 0) return;
  const manager = MANAGERS.find(({ program }) => which(program));
  if (!manager) throw missing(needs, 'install them with the package manager of this system and run again');
  const packages = needs.map((need) => manager.names[need]).join(', ');
  const sudo = !manager.asRoot || process.getuid?.() === 0 ? [] : ['sudo'];
  const hint = `run: ${byHand(commandsFor(manager, needs, sudo))}`;
  terminal.say(`missing system packages: ${packages}`);
  if (!(await terminal.confirm(`install them with ${manager.program}?`))) throw missing(needs, hint);
  const commands = commandsFor(manager, needs, await becomeRoot(manager, needs));
  // dpkg must not stop to ask; the variable reaches it under sudo only when named in the command
  const quiet = manager.program === 'apt-get' ? ['env', 'DEBIAN_FRONTEND=noninteractive'] : [];
  await terminal.during(`installing ${packages}`, async () => {
    for (const words of commands) {
      const [command = '', ...args] =
        words[0] === 'sudo' ? ['sudo', ...quiet, ...words.slice(1)] : [...quiet, ...words];
      const ran = await run(command, args, { stdin: 'inherit' });
      if (!ran.ok) throw missing(needs, `${ran.output.split('\n').slice(-5).join('\n')}\n${hint}`);
    }
  });
  const still = needs.filter((need) => !isInstalled(need));
  if (still.length > 0) throw missing(still, `the installation went through but brought no ${still.join(', ')}`);
}

export const REDIS_PROGRAMS = ['redis-server', 'valkey-server'] as const;

export const CHROMIUM_PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'] as const;
const PROGRAMS: Partial<Record<Need, readonly string[]>> = { redis: REDIS_PROGRAMS, chromium: CHROMIUM_PROGRAMS };

export const isInstalled = (need: Need): boolean => (PROGRAMS[need] ?? [need]).some((name) => which(name));

export function commandsFor(manager: PackageManager, needs: readonly Need[], prefix: readonly string[]): string[][] {
  const packages = needs.map((need) => manager.names[need]);
  return manager.steps.map((step) => [...prefix, ...step.flatMap((word) => (word === '{}' ? packages : [word]))]);
}

/** What must stand before a command that needs root. sudo asks for its password here, before any clock is shown. */
async function becomeRoot(manager: PackageManager, needs: readonly Need[]): Promise<string[]> {
  if (!manager.asRoot || process.getuid?.() === 0) return [];
  if (!which('sudo')) throw missing(needs, `as root run: ${byHand(commandsFor(manager, needs, []))}`);
  if ((await run('sudo', ['-n', 'true'])).ok) return ['sudo'];
  if (isatty(0) && (await run('sudo', ['-v'], { stdin: 'inherit' })).ok) return ['sudo'];
  throw missing(needs, `sudo wants a password; run: ${byHand(commandsFor(manager, needs, ['sudo']))}`);
}

const byHand = (commands: readonly (readonly string[])[]): string =>
  commands.map((words) => words.join(' ')).join(' && ');

const missing = (needs: readonly Need[], hint: string): Refusal =>
  new Refusal(`missing system packages: ${needs.join(', ')}\n${hint}`);

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { configFile, readConfig } from '@pco/shared/config';
import { isCode, messageOf } from '@pco/shared/errors';
import { buildDashboard, dashboardWay } from './dashboard.ts';
import { type Flags, parseFlags } from './flags.ts';
import { bringPrograms, holdDataDir } from './preflight.ts';
import { Refusal } from './refusal.ts';
import { type Environment, ROOT } from './services.ts';
import { type Stack, type StackOptions, startStack } from './stack.ts';
import { watchSignals } from './stop-signals.ts';
import { createTerminal, type Terminal } from './terminal.ts';
import { prepareTryOut } from './try-out.ts';
import { COST_WARNING, nextSteps } from './try-out-text.ts';

// `npm start`: everything that runs on this machine, until Ctrl-C.
const parsed = parseFlags(process.argv.slice(2));
if (parsed.kind === 'flags') await main(parsed.flags);
else {
  (parsed.kind === 'help' ? process.stdout : process.stderr).write(parsed.text);
  process.exitCode = parsed.kind === 'help' ? 0 : 2;
}

async function main(flags: Flags): Promise<void> {
  const terminal = createTerminal(process, flags.yes);
  let stack: Stack | undefined;
  const stop = watchSignals(process, {
    onSecond() {
      stack?.kill();
      process.exit(130);
    },
    onReload: () => stack?.reload(),
  });
  try {
    if (flags.checkConfig) return checkConfig(flags, terminal);
    await buildDashboard(terminal);
    stack = await (isConfigured(flags) ? startConfigured(flags, terminal, stop) : startTryOut(flags, terminal, stop));
    await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
    terminal.say('stopping …');
    await stack[Symbol.asyncDispose]();
    terminal.say('stopped; agents that were running go on in their tmux sessions');
  } catch (err) {
    if (stop.aborted) return;
    if (!(err instanceof Refusal) && !isCode(err, 'CONFIG_INVALID')) throw err;
    process.stderr.write(`${messageOf(err)}\n`);
    process.exitCode = 1;
  }
}

function isConfigured({ config }: Flags): boolean {
  const named = config ?? process.env.PCO_CONFIG ?? process.env.PCO_PLANE_API_URL;
  return Boolean(named) || existsSync('config.yaml');
}

/** @throws AppError CONFIG_INVALID with every fault */
function checkConfig(flags: Flags, terminal: Terminal): void {
  if (!isConfigured(flags)) throw new Refusal('there is no configuration here; `npm run init` writes one');
  const argv = [
    ...(flags.config === undefined ? [] : ['--config', flags.config]),
    ...flags.settings.flatMap((setting) => ['--set', setting]),
  ];
  const source = { env: process.env, argv, cwd: process.cwd() };
  readConfig(source);
  terminal.say(`the configuration is valid: ${configFile(source) ?? 'from the environment'}`);
}

function commonOptions(flags: Flags, terminal: Terminal, signal: AbortSignal) {
  const overrides: Environment = flags.port === undefined ? {} : { PCO_API_PORT: String(flags.port) };
  const { settings } = flags;
  return { terminal, signal, overrides, settings, env: process.env, cwd: process.cwd() } satisfies StackOptions;
}

async function startConfigured(flags: Flags, terminal: Terminal, signal: AbortSignal): Promise<Stack> {
  if (flags.agent)
    throw new Refusal('--agent is for the try-out; with a configuration automation.agent_command decides');
  const common = commonOptions(flags, terminal, signal);
  const dataDir = flags.dataDir === undefined ? {} : { PCO_DATA_DIR: resolve(flags.dataDir) };
  const stack = await startStack({
    ...common,
    overrides: { ...common.overrides, ...dataDir },
    ...(flags.config === undefined ? {} : { configFile: resolve(flags.config) }),
  });
  terminal.say(`ready ${stack.apiUrl}`);
  terminal.say(await dashboardWay(stack));
  return stack;
}

async function startTryOut(flags: Flags, terminal: Terminal, signal: AbortSignal): Promise<Stack> {
  const agent = flags.agent ?? 'scripted';
  const dataDir = resolve(flags.dataDir ?? process.env.PCO_DATA_DIR ?? resolve(ROOT, 'data/try-out'));
  terminal.say(`no configuration here: starting a try-out in ${dataDir}`);
  if (agent === 'claude') terminal.say(COST_WARNING);
  const lock = await holdDataDir(dataDir, terminal);
  try {
    await bringPrograms(true, terminal, ['curl']); // the scratch repository needs git, and what we tell to do needs curl
    const wish = flags.port ?? Number(process.env.PCO_API_PORT ?? process.env.PORT ?? Number.NaN);
    const port = Number.isInteger(wish) ? { apiPort: wish } : {};
    const tryOut = await prepareTryOut({ dataDir, agent, env: process.env, ports: 'near', ...port });
    const common = commonOptions(flags, terminal, signal);
    const overrides = { ...common.overrides, PCO_DATA_DIR: dataDir, PCO_API_PORT: undefined };
    const { configFile, emulator } = tryOut;
    const stack = await startStack({ ...common, overrides, configFile, emulator, lock });
    terminal.say(`ready ${stack.apiUrl}`);
    terminal.say(await dashboardWay(stack));
    terminal.say(nextSteps(stack.apiUrl, stack.emulatorUrl ?? '', agent, tryOut));
    return stack;
  } catch (err) {
    lock.release();
    throw err;
  }
}

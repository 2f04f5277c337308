import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '@pco/shared/errors';
import { run } from '@pco/shared/run-program';
import { SECOND_MS } from '@pco/shared/time';
import { tellKillStory } from './demo-kill-story.ts';
import { bringPrograms } from './preflight.ts';
import { type Stack, startStack } from './stack.ts';
import { watchSignals } from './stop-signals.ts';
import { createTerminal } from './terminal.ts';
import { prepareTryOut } from './try-out.ts';

// `npm run demo:kill`: the session-worker is killed while an agent works, and nothing is lost or done twice.
const began = performance.now();
const terminal = createTerminal(process, true);
const tell = (text: string) =>
  terminal.say(`${((performance.now() - began) / SECOND_MS).toFixed(1).padStart(5)} s  ${text}`);

process.exitCode = (await demo()) ? 0 : 1;

async function demo(): Promise<boolean> {
  const dataDir = mkdtempSync(join(tmpdir(), 'pco-demo-'));
  const socket = `pco-demo-${process.pid}`;
  let stack: Stack | undefined;
  let isGood = false;
  const signal = watchSignals(process, {
    onSecond() {
      stack?.kill();
      process.exit(130);
    },
    onReload: () => stack?.reload(),
  });
  try {
    await bringPrograms(true, terminal);
    const { configFile, emulator } = await prepareTryOut({
      dataDir,
      socket,
      agent: 'scripted',
      env: process.env,
      ports: 'any',
    });
    tell(`starting a private stack in ${dataDir}`);
    stack = await startStack({
      ...{ terminal, configFile, emulator, signal, format: 'none', cwd: process.cwd() },
      env: withoutOwnSettings(process.env),
      overrides: { PCO_DATA_DIR: dataDir },
      onEvent: (name, event) => {
        if (event.kind === 'died') tell(`launcher: ${name} ${event.how}; starting it again in ${event.againInMs} ms`);
        if (event.kind === 'healthy' && event.restarts > 0)
          tell(`launcher: ${name} is back (pid ${stack?.child(name).pid})`);
      },
    });
    tell(`ready ${stack.apiUrl}`);
    await tellKillStory({ stack, socket, signal, tell });
    isGood = true;
  } catch (err) {
    tell(`FAILED: ${messageOf(err)}`);
    tell(`the log: ${join(dataDir, 'logs/orchestrator.log')}`);
  } finally {
    await stack?.[Symbol.asyncDispose]();
    await run('tmux', ['-L', socket, 'kill-server']);
    if (isGood) rmSync(dataDir, { recursive: true, force: true });
  }
  return isGood;
}

/** The demonstration must not touch the real Plane or Redis that this shell may be set up for. */
function withoutOwnSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(PCO_.*|PORT|HOST)$/.test(name)));
}

import { existsSync } from 'node:fs';
import type { EffectHandler } from '@pco/shared/engine';
import { pause, SECOND_MS } from '@pco/shared/time';
import { agentNamed } from './agent/choose-agent.ts';
import type { Host } from './host.ts';
import { isProcessAlive } from './process-alive.ts';
import { endProcesses } from './processes.ts';
import { tearDown } from './project-commands.ts';
import { readUsage } from './usage.ts';

/** The launcher notes the exit code right after its agent has ended, unless it is at its question for a summary. */
const EXIT_NOTE_MS = 500;
const LOOK_MS = 50;

/**
 * Ends a session: its processes are asked to, then made to, and its terminal is closed. One that is gone already is
 * success. Only now its transcript says what the conversation cost.
 */
export const createStopSession =
  (host: Host): EffectHandler =>
  async ({ effect, ticket, log, signal }) => {
    const { config, sessions, files, watched, evidence } = host;
    const { sessionId } = effect.args;
    if (!sessionId) return {};
    const { dir, write, exitCode } = files(sessionId);
    if (existsSync(dir)) {
      await write('stopping', ''); // the launcher must not ask for a summary now
      const { killed, launchers } = await endProcesses(dir, config.automation.stop_grace * SECOND_MS, signal);
      if (killed > 0) log.warn({ event: 'session.killed', sessionId, killed }, 'processes did not end when asked to');
      const isNoteDue = async () => launchers.some(isProcessAlive) && (await exitCode()) === null;
      for (let waited = 0; (await isNoteDue()) && waited < EXIT_NOTE_MS; waited += LOOK_MS)
        await pause(LOOK_MS, signal);
    }
    await sessions.remove(sessionId);
    watched.delete(sessionId);
    evidence.forget(sessionId);
    const meta = await files(sessionId).readMeta();
    if (meta) await tearDown(host, ticket, meta);
    log.info({ event: 'session.stopped', sessionId }, 'session stopped');
    const usage = meta ? readUsage(agentNamed(meta.agent), dir) : {};
    return { exitCode: await exitCode(), ...usage };
  };

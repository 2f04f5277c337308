import type { EffectHandler } from '@pco/shared/engine';
import { endSession } from './end-session.ts';
import type { Host } from './host.ts';
import { tearDown } from './project-commands.ts';
import { readResult } from './usage/meter.ts';

/**
 * Ends a session; one that is gone already is success. Only now its transcript says what the conversation cost.
 */
export const createStopSession =
  (host: Host): EffectHandler =>
  async ({ effect, ticket, log, signal }) => {
    const { files, watched, evidence } = host;
    const { sessionId } = effect.args;
    if (!sessionId) return {};
    const { killed } = await endSession(host, sessionId, signal);
    if (killed > 0) log.warn({ event: 'session.killed', sessionId, killed }, 'processes did not end when asked to');
    watched.delete(sessionId);
    evidence.forget(sessionId);
    const meta = await files(sessionId).readMeta();
    if (meta) await tearDown(host, ticket, meta);
    log.info({ event: 'session.stopped', sessionId }, 'session stopped');
    const usage = readResult(host, meta);
    return { exitCode: await files(sessionId).exitCode(), ...usage };
  };

import type { EffectHandler } from '@pco/shared/engine';
import type { Host } from './host.ts';

/** Ends a session; one that is gone already is success. */
export const createStopSession =
  ({ sessions, files, watched, evidence }: Host): EffectHandler =>
  async ({ effect, log }) => {
    const { sessionId } = effect.args;
    if (!sessionId) return {};
    await sessions.remove(sessionId);
    watched.delete(sessionId);
    evidence.forget(sessionId);
    log.info({ event: 'session.stopped', sessionId }, 'session stopped');
    return { exitCode: await files(sessionId).exitCode() };
  };

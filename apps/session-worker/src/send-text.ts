import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EffectHandler } from '@pco/shared/engine';
import { isCode } from '@pco/shared/errors';
import type { Host } from './host.ts';

/**
 * Types a person's answer into the agent's terminal, at most once: that it began is recorded before, and a repeat
 * that finds the record only reports that nobody knows whether the text arrived.
 */
export const createSendText =
  ({ sessions, files }: Host): EffectHandler =>
  async ({ effect, effectId, ticket, log }) => {
    const { sessionId } = effect.args;
    if (!sessionId || !ticket.feedback) return {};
    const { dir, write } = files(sessionId);
    const begun = join('sent', effectId);
    if (existsSync(join(dir, begun))) {
      log.warn(
        { event: 'session.send-unconfirmed', sessionId },
        'text was perhaps typed before a crash, not typed again',
      );
      return { warning: 'the answer may not have reached the agent; look at its terminal' };
    }
    const file = await write(join('feedback', `${effectId}.md`), ticket.feedback);
    await write(begun, '');
    // the agent is at work again: if it now ends without a summary, its launcher must ask for one
    await rm(join(dir, 'completed'), { force: true });
    // a longer or many-lined text would be taken for pasted content, which an agent may distrust
    const isShort = ticket.feedback.length <= 500 && !ticket.feedback.includes('\n');
    try {
      await sessions.send(sessionId, isShort ? ticket.feedback : `Read and follow ${file}`);
    } catch (err) {
      if (wasRefused(err)) await rm(join(dir, begun), { force: true }); // certainly not typed
      throw err;
    }
    return {};
  };

const wasRefused = (err: unknown): boolean =>
  isCode(err, 'SESSIONS_UNREACHABLE') && (err.cause as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED';

import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EffectHandler, EffectResult, Work } from '@pco/shared/engine';
import { isCode } from '@pco/shared/errors';
import { pause, SECOND_MS } from '@pco/shared/time';
import { z } from 'zod';
import type { Agent } from '../agent/agent.ts';
import { agentNamed } from '../agent/choose-agent.ts';
import { parseJson } from '../evidence/evidence-store.ts';
import type { Host } from '../host.ts';
import { whatIsSeen } from '../observe.ts';
import { planTalk, type Talk } from './plan-talk.ts';
import { markOf, wasSubmitted } from './submitted.ts';

/** How long the agent has to show that it was given what was typed: its hook has to start first. */
const CONFIRM_MS = 10 * SECOND_MS;
const LOOK_MS = 100;

/** Written before anything is typed; who finds it after a crash types nothing. */
const Begun = z.object({ journal: z.number(), transcript: z.number(), seen: z.string() });
type Begun = z.output<typeof Begun>;

/**
 * Types what a person says into the agent's terminal, at most once: that it began is recorded before, and a repeat
 * that finds the record only looks whether it arrived. What is not confirmed is said to be so, and never typed again.
 */
export const createTalk =
  (host: Host): EffectHandler =>
  async (work) => {
    const { sessionId } = work.effect.args;
    if (!sessionId) return {};
    const meta = await host.files(sessionId).readMeta();
    if (!meta) return refused(work, sessionId, 'the files of its session are gone');
    const agent = agentNamed(meta.agent);
    const talk = planTalk(work.ticket, work.effect, agent, meta.mode);
    if (!talk) return {};
    const begun = readBegun(host, sessionId, work.effectId);
    if (begun) return confirm(host, work, agent, talk, begun);
    const why = talk.refusedWhen(whatIsSeen(host, sessionId)?.state);
    if (why) return refused(work, sessionId, why);
    return confirm(host, work, agent, talk, await type(host, work, sessionId, talk));
  };

function readBegun(host: Host, sessionId: string, effectId: string): Begun | undefined {
  const path = join(host.files(sessionId).dir, 'sent', effectId);
  if (!existsSync(path)) return undefined;
  return parseJson(Begun, readFileSync(path, 'utf8')) ?? { journal: 0, transcript: 0, seen: '' };
}

async function type(host: Host, { effectId }: Work, sessionId: string, talk: Talk): Promise<Begun> {
  const { dir, write } = host.files(sessionId);
  const line = talk.file ? `Read and follow ${await write(join('feedback', `${effectId}.md`), talk.file)}` : talk.line;
  const begun = { ...markOf(dir), seen: JSON.stringify(whatIsSeen(host, sessionId)) ?? '' };
  await write(join('sent', effectId), JSON.stringify(begun));
  // the agent is at work again: if it now ends without a summary, its launcher must ask for one
  if (talk.kind === 'text') await rm(join(dir, 'completed'), { force: true });
  try {
    if (talk.keys) await host.sessions.keys(sessionId, talk.keys);
    else await host.sessions.send(sessionId, line ?? '');
  } catch (err) {
    if (wasRefused(err)) await rm(join(dir, 'sent', effectId), { force: true }); // certainly not typed
    throw err;
  }
  return begun;
}

async function confirm(host: Host, work: Work, agent: Agent, talk: Talk, begun: Begun): Promise<EffectResult> {
  const { sessionId = '' } = work.effect.args;
  const { dir } = host.files(sessionId);
  const arrived = (): boolean =>
    talk.kind === 'text'
      ? wasSubmitted(dir, begun, talk.file ? join('feedback', work.effectId) : (talk.line ?? ''))
      : JSON.stringify(whatIsSeen(host, sessionId)) !== begun.seen;
  const deadline = performance.now() + CONFIRM_MS;
  while (agent.confirms && !arrived()) {
    work.signal.throwIfAborted();
    if (performance.now() > deadline) return unconfirmed(work, sessionId);
    await pause(LOOK_MS, work.signal);
  }
  if (!agent.confirms && work.isRepeat) return unconfirmed(work, sessionId);
  work.log.info({ event: 'session.told', sessionId, kind: talk.kind }, 'told the agent');
  return { sent: agent.confirms ? 'confirmed' : 'unconfirmed' };
}

function unconfirmed({ log }: Work, sessionId: string): EffectResult {
  log.warn(
    { event: 'session.send-unconfirmed', sessionId },
    'typed, but the agent shows no sign of it; not typed again',
  );
  return { sent: 'unconfirmed', warning: 'what was sent may not have reached the agent; look at its terminal' };
}

function refused({ log }: Work, sessionId: string, why: string): EffectResult {
  log.warn({ event: 'session.send-refused', sessionId, why }, 'nothing was typed');
  return { sent: 'refused', warning: `nothing was sent: ${why}` };
}

const wasRefused = (err: unknown): boolean =>
  isCode(err, 'SESSIONS_UNREACHABLE') && (err.cause as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED';

import type { EffectJob } from '../contracts/index.ts';
import {
  type EffectType,
  EffectType as EffectTypes,
  type EventOf,
  type OpenEffect,
  type Ticket,
} from '../domain/index.ts';
import { AppError, isCode, isRetryable, messageOf, namedFailure } from '../errors.ts';
import type { Logger } from '../log.ts';
import { BackToQueue, GiveUp, type JobContext, Later } from '../queue/index.ts';
import type { EffectWait, LoadedNow, TicketStore } from '../redis/index.ts';
import type { Apply } from './apply.ts';

/** The result of an effect, as `effect.done` carries it. */
export type EffectResult = Partial<EventOf<'effect.done'>['result']>;

export interface Work {
  readonly ticket: Ticket;
  /** The look that `ticket` comes from: an event decided on it saves another. */
  readonly readAt: LoadedNow;
  readonly effectId: string;
  readonly effect: OpenEffect;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Whether an earlier start of this job may have got somewhere. */
  readonly isRepeat: boolean;
  /** Whether the effect is still wanted: ask right before a call that cannot be taken back. */
  stillOpen(): Promise<boolean>;
}

/** Does what the effect says. Repeating it must do no harm. `undefined`: the outcome is committed already. */
export type EffectHandler = (work: Work) => Promise<EffectResult | undefined>;
export type EffectHandlers = { readonly [Type in EffectType]?: EffectHandler };

export interface HandleDeps {
  readonly store: TicketStore;
  readonly apply: Apply;
  readonly handlers: EffectHandlers;
  /** Lets people see why an effect waits. */
  readonly noteWait?: (effectId: string, wait: EffectWait, ms: number) => Promise<void>;
}

const STALE_MS = 50;
/** A hiccup is over after the first wait; a server that is down is spared, yet a person does not wait long. */
const OUTAGE_MIN_MS = 1_000;
const OUTAGE_MAX_MS = 5_000;

/**
 * The job of an effect: ask the ticket whether it is still open, do it, commit the outcome. An outage, a 429 or an
 * empty budget waits without costing an attempt; an answer that will not change is committed as failed.
 */
export function createEffectHandle({ store, apply, handlers, noteWait }: HandleDeps) {
  return async ({ ticketId, effectId, cid, request }: EffectJob, ctx: JobContext): Promise<void> => {
    const readAt = await store.load(ticketId);
    const isOpen = async () => {
      if ((await store.version(ticketId)) === readAt.version) return true; // nothing has happened: most often so
      return (await store.load(ticketId)).ticket?.open[effectId] !== undefined;
    };
    const { ticket } = readAt;
    const effect = ticket?.open[effectId];
    const log = ctx.log.child({ ticketId, effectId, cid, ...(request === undefined ? {} : { request }) });
    if (!ticket || !effect) return void log.debug('effect is not open any more');
    const handler = handlers[EffectTypes.parse(effect.type)];
    if (!handler) throw new AppError('PAYLOAD_INVALID', { why: `no handler for ${effect.type} on this queue` });
    const { signal, isRepeat } = ctx;
    const began = performance.now();
    try {
      const result = await handler({ ticket, readAt, effectId, effect, log, signal, isRepeat, stillOpen: isOpen });
      if (!result) return;
      // what was read before a longer piece of work has an old time in it, which the ticket would take for now
      const fresh = performance.now() - began < STALE_MS ? { readAt } : {};
      await apply({ id: `done-${effectId}`, type: 'effect.done', ticketId, cid, effectId, result }, fresh);
    } catch (thrown) {
      if (thrown instanceof Later || thrown instanceof BackToQueue) throw thrown;
      const err = namedFailure(thrown);
      if (signal.aborted) throw err; // interrupted, or another worker's by now: no outcome of ours
      const waitMs = outageWait(err, ctx.starts);
      if (waitMs !== null) {
        log.warn({ err: messageOf(err), waitMs }, 'effect waits for an outage to end');
        await noteWait?.(effectId, { code: codeOf(err), why: messageOf(err) }, waitMs);
        throw new Later(waitMs, { cause: err });
      }
      if (isRetryable(err) && !ctx.isLastAttempt) throw err;
      const code = codeOf(err);
      log.error({ err }, 'effect failed for good');
      await apply({
        id: `failed-${effectId}`,
        type: 'effect.failed',
        ticketId,
        cid,
        effectId,
        code,
        detail: messageOf(err).slice(0, 4_000),
      });
      throw new GiveUp(messageOf(err), { cause: err });
    }
  };
}

const codeOf = (err: unknown): string => (err instanceof AppError ? err.code : 'UNEXPECTED');

/** @returns ms to wait when what failed is not the effect's fault, else null */
function outageWait(err: unknown, starts: number): number | null {
  if (
    !isCode(
      err,
      'PLANE_UNREACHABLE',
      'PLANE_RATE_LIMITED',
      'PLANE_BUDGET_EMPTY',
      'PLANE_SERVER_ERROR',
      'PLANE_BAD_ANSWER', // a proxy answers in its place, or cuts it short
      'SESSIONS_UNREACHABLE',
      'TMUX_UNAVAILABLE',
    )
  )
    return null;
  const told = err.details.retryAfterMs;
  if (typeof told === 'number') return told + Math.random() * 1_000;
  return Math.min(OUTAGE_MAX_MS, OUTAGE_MIN_MS * 2 ** (starts - 1)) * (0.5 + Math.random());
}

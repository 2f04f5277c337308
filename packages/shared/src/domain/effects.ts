import { z } from 'zod';
import { EffectId, SessionId, Slug, TicketId } from './ids.ts';

/** Something to do outside. Which lane orders it, and which queue carries it, stands in `EFFECTS`. */
export const EffectType = z.enum([
  'session.assign',
  'session.start',
  'session.stop',
  'session.send',
  'completion.collect',
  'plane.comment',
  'plane.link',
  'plane.state',
  'notify',
  'timer',
]);
export type EffectType = z.output<typeof EffectType>;

export const LANES = ['session', 'plane'] as const;
export type Lane = (typeof LANES)[number];

/** Ids only: whoever does the work reads everything else from the ticket. */
export const EffectArgs = z.object({
  sessionId: SessionId.optional(),
  runner: Slug.optional(),
  pool: Slug.optional(),
  kind: z.string().max(40).optional(),
});
export type EffectArgs = z.output<typeof EffectArgs>;

/** Waits in its lane for the effects before it. */
export const WaitingEffect = z.object({
  type: EffectType,
  args: EffectArgs,
  /** Idempotency key in Plane, fixed when the write enters the lane. */
  key: z.string().max(200).optional(),
  delayMs: z.number().int().nonnegative().optional(),
});
export type WaitingEffect = z.output<typeof WaitingEffect>;

/** Asked for, and its outcome not yet recorded. */
export const OpenEffect = z.object({
  type: EffectType,
  args: EffectArgs,
  key: z.string().max(200).optional(),
  since: z.number(),
  /** It is sent no earlier, in ms since the epoch; at once where this is absent. */
  dueAt: z.number().optional(),
  /** Failed for good; a person looks. It has left the outbox but is still open. */
  parked: z.object({ code: z.string(), detail: z.string(), at: z.number() }).optional(),
});
export type OpenEffect = z.output<typeof OpenEffect>;

/** What the outbox keeps of an open effect: enough to send its job again. */
export const OutboxItem = z.object({
  id: EffectId,
  ticketId: TicketId,
  /** Not EffectType: an item that a newer version wrote is left alone, not destroyed. */
  type: z.string(),
  queue: z.string().nullable(),
  args: EffectArgs,
  key: z.string().optional(),
  cid: z.string(),
  /** Id of the request of a person from which it follows. */
  request: z.string().max(100).optional(),
  /** W3C `traceparent` of the round, where traces are kept: whoever does the work joins it, also after a restart. */
  trace: z.string().max(100).optional(),
  at: z.number(),
  /** BullMQ priority, 1 first. */
  priority: z.number().int().optional(),
});
export type OutboxItem = z.output<typeof OutboxItem>;

interface EffectKind {
  /** A ticket has at most one open effect per lane; the rest of the lane waits in the record. */
  readonly lane: Lane | null;
  readonly queue: (args: EffectArgs) => string | null;
}

const onRunner = (args: EffectArgs): string => `runner.${args.runner}`;

export const EFFECTS: Readonly<Record<EffectType, EffectKind>> = {
  'session.assign': { lane: 'session', queue: (args) => `session.${args.pool}` },
  'session.start': { lane: 'session', queue: onRunner },
  'session.stop': { lane: 'session', queue: onRunner },
  'session.send': { lane: 'session', queue: onRunner },
  'completion.collect': { lane: 'session', queue: (args) => `completion.${args.runner}` },
  'plane.comment': { lane: 'plane', queue: () => 'plane-write' },
  'plane.link': { lane: 'plane', queue: () => 'plane-write' },
  'plane.state': { lane: 'plane', queue: () => 'plane-write' },
  notify: { lane: null, queue: () => 'notify' },
  timer: { lane: null, queue: () => null },
};

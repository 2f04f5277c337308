import { z } from 'zod';
import { cleanText } from './clean-text.ts';
import { EffectId, SessionId, Slug, TicketId } from './ids.ts';
import { Choices, MESSAGE_MAX, ObservedState, Result, Spent, SUMMARY_MAX, Trigger, Used, WorkItem } from './ticket.ts';

const Text = z.string().transform(cleanText).pipe(z.string().min(1, 'must not be blank').max(SUMMARY_MAX));

const Message = Text.pipe(z.string().max(MESSAGE_MAX));

const event = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.object({
    /** Given by who saw it; a second commit of one id changes nothing. */
    id: z.string().min(1).max(200),
    type: z.literal(type),
    ticketId: TicketId,
    /** Correlation id. */
    cid: z.string().min(1).max(100),
    /** W3C `traceparent` under which it came up, where traces are kept. */
    trace: z.string().max(100).optional(),
    ...shape,
  });

const by = { by: z.string().min(1).max(200) };
const effect = { effectId: EffectId };

/** Everything that can happen to a ticket. Facts are decided again after a lost race, observations are dropped. */
export const TicketEvent = z.discriminatedUnion('type', [
  event('trigger.seen', {
    workItem: WorkItem,
    trigger: Trigger.omit({ at: true }),
    description: z.string(),
    /** A rule of the project approves the round that this begins; who sent the event has counted it. */
    isAutoApproved: z.boolean().optional(),
    /** Brought in from a file: waits for a person in any workflow, with a summary for the approval of that. */
    imported: z.object({ summary: Text.optional(), completedAt: z.number().optional() }).optional(),
  }),
  event('work_item.changed', { workItem: WorkItem, description: z.string().optional() }),
  event('work_item.closed', {
    why: z.string().max(500),
    /** Whether the work item is still there and just needs no work any more; otherwise it is gone from Plane. */
    isThere: z.boolean().optional(),
  }),
  event('person.approved', by),
  event('person.rejected', { ...by, text: Text }),
  event('person.cancelled', by),
  /**
   * `resume`: the new attempt goes on in the agent's earlier conversation, where its runner still has it.
   * `givesUp`: a runner that is gone, whose session counts as ended, so that another one can take the ticket.
   */
  event('person.retried', { ...by, resume: z.boolean().optional(), givesUp: Slug.optional() }),
  event('person.sent', { ...by, text: Message }),
  /** To what the agent asks right now: the digit of a choice, or yes and no to a permission. */
  event('person.answered', { ...by, answer: z.string().regex(/^([1-9]|yes|no)$/, 'a digit, "yes" or "no"') }),
  event('person.interrupted', by),
  event('person.stopped', by),
  event('person.summary_edited', { ...by, summary: Text }),
  event('person.update_approved', { ...by, summary: Text.optional() }),
  event('slot.claimed', {
    ...effect,
    runner: Slug,
    /** How many sessions that runner takes. */
    capacity: z.number().int().positive(),
    tokenHash: z.string().max(128),
  }),
  event('completion.signalled', {
    sessionId: SessionId,
    summary: Text,
    channel: z.enum(['file', 'spool', 'hook', 'http', 'exit', 'result']),
  }),
  event('session.observed', {
    sessionId: SessionId,
    state: ObservedState,
    detail: z.string().max(4_000).optional(),
    choices: Choices.optional(),
  }),
  event('session.used', { sessionId: SessionId, used: Used }),
  event('session.ended', { sessionId: SessionId, exitCode: z.number().int().nullable(), spent: Spent.optional() }),
  event('runner.lost', { runner: Slug }),
  event('runner.back', { runner: Slug }),
  event('runner.given_up', { ...by, runner: Slug }),
  event('effect.done', {
    ...effect,
    result: Result.extend({
      branch: z.string().max(255).optional(),
      worktree: z.string().max(1_000).optional(),
      exitCode: z.number().int().nullable().optional(),
      warning: z.string().max(1_000).optional(),
      spent: Spent.optional(),
      /** Whether something was typed into a session. */
      sent: z.enum(['confirmed', 'unconfirmed', 'refused']).optional(),
    }).default({}),
  }),
  event('effect.failed', { ...effect, code: z.string().max(60), detail: z.string().max(4_000) }),
  event('timer.due', effect),
]);
export type TicketEvent = z.output<typeof TicketEvent>;
export type TicketEventInput = z.input<typeof TicketEvent>;
export type EventType = TicketEvent['type'];
export type EventOf<Type extends EventType> = Extract<TicketEvent, { type: Type }>;

const OBSERVATIONS: ReadonlySet<EventType> = new Set([
  'session.observed',
  'session.ended',
  'runner.lost',
  'runner.back',
  'work_item.changed',
]);

/** An observation commits only at the version that was read before looking: a stale look must never win. */
export const isObservation = (type: EventType): boolean => OBSERVATIONS.has(type);

import { z } from 'zod';
import { LIMITS } from './budget.ts';
import { OpenEffect, WaitingEffect } from './effects.ts';
import { SessionId, Slug, TicketId, WorkItemUuid } from './ids.ts';
import { STATUSES } from './ticket-status.ts';

export const PRIORITIES = ['urgent', 'high', 'medium', 'low', 'none'] as const;
export const Priority = z.enum(PRIORITIES);

/** Why a work item became a ticket (B-052). */
export const TriggerType = z.enum(['new_ticket', 'status_change', 'comment_added', 'manual_test']);
export type TriggerType = z.output<typeof TriggerType>;

/** Longest summary kept in a record, in UTF-16 units: three bytes each at worst, well under the record's 64 KiB. */
export const SUMMARY_MAX = 16_000;

/** Longest text that a person sends to a working agent; it stands in the record until it was typed. */
export const MESSAGE_MAX = 4_000;

export const WorkItem = z.object({
  uuid: WorkItemUuid,
  projectId: z.string().min(1).max(64),
  /** The project's identifier, `ACME`. */
  project: z.string().min(1).max(12),
  title: z.string().max(1_000),
  priority: Priority.catch('none'),
  labels: z.array(z.string().max(255)).max(100).default([]),
  stateId: z.string().max(64).nullable(),
  createdAt: z.number().optional(),
  updatedAt: z.number().optional(),
});
export type WorkItem = z.output<typeof WorkItem>;

export const Trigger = z.object({
  type: TriggerType,
  at: z.number(),
  by: z.string().max(200).optional(),
  commentId: z.string().max(64).optional(),
});
export type Trigger = z.output<typeof Trigger>;

/** What the agent of a session is doing, as far as we know; only `working` needs nobody. */
export const ObservedState = z.enum([
  'working',
  'asking',
  'permission',
  'silent',
  'limited',
  'turn_over',
  /** The agent has ended and its terminal still asks for a summary. */
  'exited',
  /** Its terminal is gone. */
  'dead',
  'unreachable',
]);
export type ObservedState = z.output<typeof ObservedState>;

/** What the digits 1, 2, … that answer a question mean; an empty text where that is not the same for all that is asked. */
export const Choices = z.array(z.string().max(200)).max(9).readonly();

export const Used = z.object({
  turns: z.number().int().nonnegative().optional(),
  tokens: z.number().nonnegative().optional(),
  costUsd: z.number().nonnegative().optional(),
});

/** What one session has added to what its conversation has used. */
export const Spent = Used.pick({ tokens: true, costUsd: true }).required();
export type Spent = z.output<typeof Spent>;

export const Session = z.object({
  id: SessionId,
  /** Where its slots were taken: it keeps them until it ends, whatever becomes of the ticket meanwhile. */
  projectId: z.string().max(64).optional(),
  stage: Slug.optional(),
  /** The repository that it works in itself and alone, if it does. */
  repo: Slug.optional(),
  branch: z.string().max(255).optional(),
  worktree: z.string().max(1_000).optional(),
  /** SHA-256 of the token with which this session may report its completion. */
  tokenHash: z.string().max(128).optional(),
  startedAt: z.number().optional(),
  endedAt: z.number().optional(),
  exitCode: z.number().int().nullable().optional(),
  /** What it was last seen to have used, when a limit of its budget came near. */
  used: Used.optional(),
  /** As far as its worker has read its transcript; counted for the installation as it grows. */
  spent: Spent.optional(),
  /** Time at work so far, and since when it is at work again; kept only where minutes are limited. */
  clock: z.object({ ms: z.number(), since: z.number().optional() }).optional(),
  /** Limits of which somebody was warned. */
  warned: z.array(z.enum(LIMITS)).optional(),
});

export const Result = z.object({
  commits: z.number().int().optional(),
  diff: z.string().max(2_000).optional(),
  unpushed: z.number().int().optional(),
  uncommitted: z.number().int().optional(),
  durationMs: z.number().optional(),
  tokens: z.number().optional(),
  cost: z.number().optional(),
  commentId: z.string().max(64).optional(),
  stateId: z.string().max(64).optional(),
});

export const Ticket = z.object({
  id: TicketId,
  workItem: WorkItem,
  trigger: Trigger,
  workflow: z.string(),
  stage: Slug,
  attempt: z.number().int().positive(),
  status: z.enum(STATUSES),
  statusSince: z.number(),
  reason: z.object({ code: z.string(), text: z.string().max(4_000) }).optional(),
  approvedBy: z.string().optional(),
  approvedAt: z.number().optional(),
  runner: Slug.optional(),
  /** How many sessions this ticket has had or been promised; never goes back, so names are never reused. */
  sessionSeq: z.number().int().nonnegative(),
  session: Session.optional(),
  observed: z
    .object({
      state: ObservedState,
      since: z.number(),
      detail: z.string().max(4_000).optional(),
      choices: Choices.optional(),
    })
    .optional(),
  summary: z.string().max(SUMMARY_MAX).optional(),
  /** What a person answered to a summary that was not good enough. */
  feedback: z.string().max(SUMMARY_MAX).optional(),
  /** What a person has just sent to the agent, until it was typed. */
  message: z.string().max(MESSAGE_MAX).optional(),
  /** The next session goes on in the conversation of the last one. */
  resume: z.literal(true).optional(),
  result: Result.optional(),
  counters: z.object({ rejections: z.number(), missedTriggers: z.number() }),
  /** Correlation id of this round: one id in every log line from the trigger to the write-back. */
  cid: z.string(),
  /** Id of the latest request of a person: what is done from then on is done on its behalf. */
  request: z.string().max(100).optional(),
  /** W3C `traceparent` of what began this round's work, where traces are kept. */
  trace: z.string().max(100).optional(),
  createdAt: z.number(),
  updatedAt: z.number(),
  completedAt: z.number().optional(),
  lanes: z.object({ session: z.array(WaitingEffect), plane: z.array(WaitingEffect) }),
  open: z.record(z.string(), OpenEffect),
});
export type Ticket = z.output<typeof Ticket>;

/** A ticket as read from the store; an absent one still has a version: the floor that purged ones left behind. */
export interface Loaded {
  readonly version: number;
  readonly ticket: Ticket | null;
}

/** Whether a session of this ticket may still be running. */
export const sessionLives = (ticket: Ticket): boolean =>
  ticket.session !== undefined && ticket.session.endedAt === undefined && ticket.runner !== undefined;

/** The slot sets that a ticket is in: a slot is a ticket whose session lives. */
export const slotsOf = (ticket: Ticket | null): readonly string[] =>
  ticket === null || !sessionLives(ticket)
    ? []
    : [
        'slots:all',
        `slots:project:${ticket.session?.projectId ?? ticket.workItem.projectId}`,
        `slots:runner:${ticket.runner}`,
        `slots:stage:${ticket.session?.stage ?? ticket.stage}`,
        ...(ticket.session?.repo ? [`slots:repo:${ticket.runner}:${ticket.session.repo}`] : []),
      ];

/** Whether the latest session ran in this round; decides between "approve it again" and "interrupted". */
export const everStarted = ({ session, createdAt }: Ticket): boolean =>
  session?.startedAt !== undefined && session.startedAt >= createdAt;

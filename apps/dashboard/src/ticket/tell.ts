import type { TicketDetail } from '@pco/shared/contracts/http';
import { z } from 'zod';
import type { Tone } from '../parts/badge.tsx';
import type { Status } from '../parts/status-badge.tsx';
import { text } from '../text/index.ts';

const Words = z.string().optional().catch(undefined);
/** What the history keeps of an event. Of an older or newer release parts may be missing: what is there is told. */
const Entry = z.object({
  type: z.string().catch(''),
  from: z.string().nullable().catch(null),
  to: z.string().optional().catch(undefined),
  by: Words,
  text: Words,
  answer: Words,
  summary: Words,
  why: Words,
  runner: Words,
  session: Words,
  effect: Words,
  code: Words,
  detail: Words,
  state: Words,
  resume: z.boolean().optional().catch(undefined),
  isAutoApproved: z.boolean().optional().catch(undefined),
  imported: z.unknown().optional(),
  attempt: z.number().optional().catch(undefined),
  exitCode: z.number().nullish().catch(null),
  trigger: z.object({ type: Words }).catch({ type: undefined }),
  reason: z.object({ text: z.string() }).optional().catch(undefined),
  result: z.object({ warning: Words, commentId: Words, diff: Words, branch: Words }).catch({
    ...{ warning: undefined, commentId: undefined, diff: undefined, branch: undefined },
  }),
});
type Entry = z.output<typeof Entry>;

/** One step of what became of a ticket. */
export interface Step {
  readonly id: string;
  readonly at: number;
  /** Since the step before; undefined for the first. */
  readonly afterMs: number | undefined;
  readonly what: string;
  /** In the words of people, agents and Plane. */
  readonly said: string | undefined;
  readonly tone: Tone;
  /** Where it brought the ticket, where it moved it. */
  readonly to: Status | undefined;
  readonly attempt: number | undefined;
}

/** The history of a ticket in words, oldest first. */
export function tell(history: TicketDetail['history']): Step[] {
  return history.map(({ id, at, event }, nth) => {
    const entry = Entry.parse(typeof event === 'object' && event !== null ? event : {});
    const before = history[nth - 1];
    const isStatus = (status: string | undefined): status is Status => status !== undefined && status in text.statuses;
    return {
      id,
      at,
      afterMs: before && at - before.at,
      what: whatOf(entry),
      said: saidOf(entry),
      tone: toneOf(entry),
      to: entry.to !== entry.from && isStatus(entry.to) ? entry.to : undefined,
      attempt: entry.attempt,
    };
  });
}

const t = text.timeline;
const by = ({ by }: Entry): string => by ?? t.somebody;
const lookUp = (words: Readonly<Record<string, string>>, key: string | undefined): string | undefined =>
  key !== undefined && Object.hasOwn(words, key) ? words[key] : undefined;

/** By the type of the event; effects by what they were for. */
const WHAT: Readonly<Record<string, (entry: Entry) => string>> = {
  'trigger.seen': ({ trigger, imported, isAutoApproved }) => {
    const why = imported ? t.imported : (lookUp(t.triggers, trigger.type) ?? t.triggers.manual_test);
    return isAutoApproved ? `${why}, ${t.autoApproved}` : why;
  },
  'work_item.changed': () => t.workItemChanged,
  'work_item.closed': () => t.workItemClosed,
  'person.approved': (entry) => t.approved(by(entry)),
  'person.rejected': (entry) => t.rejected(by(entry)),
  'person.cancelled': (entry) => t.cancelled(by(entry)),
  'person.retried': (entry) => (entry.resume ? t.resumed : t.retried)(by(entry)),
  'person.sent': (entry) => t.sent(by(entry)),
  'person.answered': (entry) => t.answered(by(entry), entry.answer ?? ''),
  'person.interrupted': (entry) => t.interrupted(by(entry)),
  'person.stopped': (entry) => t.stopped(by(entry)),
  'person.summary_edited': (entry) => t.edited(by(entry)),
  'person.update_approved': (entry) => t.updateApproved(by(entry)),
  'slot.claimed': ({ runner }) => t.claimed(runner ?? ''),
  'completion.signalled': () => t.completed,
  'session.observed': ({ state }) => lookUp(text.observed, state) ?? state ?? '',
  'session.used': () => t.used,
  'session.ended': ({ exitCode }) => (typeof exitCode === 'number' ? t.ended(String(exitCode)) : t.endedUnknown),
  'runner.lost': ({ runner }) => t.lost(runner ?? ''),
  'runner.back': ({ runner }) => t.back(runner ?? ''),
  'runner.given_up': (entry) => t.givenUp(by(entry), entry.runner ?? ''),
  'effect.done': ({ effect, type }) => lookUp(t.done, effect) ?? t.unknown(effect ?? type),
  'effect.failed': ({ effect, type }) => lookUp(t.failed, effect) ?? t.unknown(effect ?? type),
  'timer.due': () => t.timer,
};

const whatOf = (entry: Entry): string => WHAT[entry.type]?.(entry) ?? t.unknown(entry.type);

const saidOf = ({ type, text: words, summary, why, detail, result, reason, from, to }: Entry): string | undefined =>
  words ??
  summary ??
  why ??
  detail ??
  result.warning ??
  (to !== from || type === 'timer.due' ? reason?.text : undefined) ??
  (type === 'effect.done' ? (result.diff ?? result.branch) : undefined);

function toneOf({ type, to, from, result, state }: Entry): Tone {
  if (type === 'effect.failed' || (to === 'failed' && from !== 'failed')) return 'bad';
  if (result.warning || type === 'runner.lost' || type === 'session.used') return 'warn';
  if (type === 'session.observed' && state !== 'working') return 'warn';
  if (type.startsWith('person.')) return 'accent';
  return to === 'done' && from !== 'done' ? 'good' : 'neutral';
}

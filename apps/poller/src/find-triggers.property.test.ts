import type { WorkItemRow } from '@pco/shared/plane';
import { testConfig } from '@pco/shared/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compare, type FoundTrigger, findTrigger } from './find-triggers.ts';
import { toSeen } from './poll.ts';
import type { Seen } from './poll-store.ts';
import { type Rules, rulesOf } from './rules.ts';

// One work item through its life: people and our own account act on it, and pollers look, again and again, late, or
// with what an earlier look has already seen. What triggers must depend on what happened alone.

const ME = 'bot';
const STATES = ['backlog', 'unstarted', 'started', 'completed'];
const rules: Rules = rulesOf(testConfig({ filters: { labels_any: ['agent'] } }), undefined);

type Act =
  | { readonly kind: 'move'; readonly to: number; readonly by: string }
  | { readonly kind: 'label'; readonly has: boolean; readonly by: string }
  | { readonly kind: 'comment'; readonly by: string }
  | { readonly kind: 'rename'; readonly by: string };

/** The work item after some acts, as Plane shows it. */
interface Version {
  readonly row: WorkItemRow;
  /** Who wrote each comment so far. */
  readonly comments: readonly string[];
  readonly mover: string;
}

const by = fc.constantFrom('ada', 'ada', 'bob', ME);
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ kind: fc.constant('move' as const), to: fc.nat({ max: STATES.length - 1 }), by }),
  fc.record({ kind: fc.constant('label' as const), has: fc.boolean(), by }),
  fc.record({ kind: fc.constant('comment' as const), by }),
  fc.record({ kind: fc.constant('rename' as const), by }),
);

function versions(creator: string, acts: readonly Act[]): Version[] {
  let state = 0;
  let hasLabel = false;
  let editor: string | null = null;
  let mover = creator;
  let comments: string[] = [];
  const at = (updatedUs: number): Version => ({
    comments,
    mover,
    row: {
      ...{ id: 'item', sequenceId: 1, name: 'x', priority: 'none', labels: [], assignees: [], createdAt: '' },
      state: { id: `state-${state}`, name: STATES[state] ?? '', group: STATES[state] ?? '' },
      namedLabels: hasLabel ? [{ id: 'label', name: 'agent' }] : [],
      ...{ updatedUs, updatedBy: editor, createdBy: creator, hasActivityTime: false },
    },
  });
  const made = [at(1)];
  for (const [i, one] of acts.entries()) {
    if (one.kind === 'comment') comments = [...comments, one.by];
    else editor = one.by;
    if (one.kind === 'move' && one.to !== state) [state, mover] = [one.to, one.by];
    if (one.kind === 'label') hasLabel = one.has;
    made.push(at(i + 2));
  }
  return made;
}

/** What the poller remembers of the work item, and what it has found. */
interface Memory {
  seen: Seen | null;
  readComments: number;
  readonly found: FoundTrigger[];
}

/** One look, the way `readChange` goes about it. */
function look(memory: Memory, { row, comments, mover }: Version): void {
  const { seen } = memory;
  if (seen && row.updatedUs <= seen.updatedUs) return; // read again, or a copy that lags behind
  const change = compare(rules, seen, row, ME);
  const fresh = change.passes ? comments.slice(memory.readComments) : [];
  if (change.passes) memory.readComments = comments.length;
  const hasNewComment = fresh.some((author) => author !== ME);
  const type = findTrigger(rules.triggers, change, {
    isOwnState: change.state !== undefined && mover === ME,
    hasNewComment,
  });
  if (type) memory.found.push(type);
  memory.seen = toSeen(rules, row);
}

const run = (given: readonly Version[]): Memory => {
  const memory: Memory = { seen: null, readComments: 0, found: [] };
  for (const version of given) look(memory, version);
  return memory;
};

const history = fc.tuple(fc.constantFrom('ada', ME), fc.array(act, { maxLength: 12 }));

test('every version seen, however often and with whatever older ones in between: the same triggers', () => {
  fc.assert(
    fc.property(history, fc.infiniteStream(fc.nat({ max: 20 })), ([creator, acts], noise) => {
      const all = versions(creator, acts);
      const noisy = all.flatMap((version, i) => {
        const [repeats, back] = [noise.next().value % 3, noise.next().value % (i + 1)];
        const older = all[i - back] ?? version;
        return [version, ...Array.from({ length: repeats }, () => older)];
      });
      expect(run(noisy).found).toEqual(run(all).found);
    }),
  );
});

test('versions that nobody looked at: nothing is invented, and what is new, planned and let through at the end has triggered', () => {
  fc.assert(
    fc.property(history, fc.array(fc.boolean(), { minLength: 13, maxLength: 13 }), ([creator, acts], looks) => {
      const all = versions(creator, acts);
      const some = all.filter((_, i) => looks[i] || i === all.length - 1);
      const [coarse, fine] = [run(some).found, run(all).found];
      expect(coarse.length).toBeLessThanOrEqual(some.length);
      const last = all.at(-1);
      const people = acts.some((one) => one.by !== ME) || creator !== ME;
      if (!people) expect(coarse).toEqual([]);
      const isOffered =
        last &&
        compare(rules, null, last.row, ME).passes &&
        ['unstarted', 'started'].includes(last.row.state.group ?? '');
      const isPeoples = creator !== ME && acts.every((one) => one.by !== ME);
      if (isOffered && isPeoples) {
        expect(coarse).not.toEqual([]);
        expect(fine).not.toEqual([]);
      }
    }),
  );
});

test('the comment of a person on what is let through triggers, whichever looks were missed; our own never does', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('ada', ME), { maxLength: 10 }),
      fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
      (authors, looks) => {
        const label: Act = { kind: 'label', has: true, by: 'ada' };
        const said = authors.map((author): Act => ({ kind: 'comment', by: author }));
        const all = versions('ada', [label, ...said]); // in the backlog, so that nothing but comments can trigger
        const some = all.filter((_, i) => looks[i] || i === all.length - 1);
        const found = run(some).found;
        expect(found.length > 0).toBe(authors.includes('ada'));
        expect(new Set(found).size <= 1 && (found[0] ?? 'comment_added') === 'comment_added').toBe(true);
      },
    ),
  );
});

test('whatever only our own account does triggers nothing', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 12 }), (acts) => {
      const own = acts.map((one): Act => ({ ...one, by: ME }));
      expect(run(versions(ME, own)).found).toEqual([]);
    }),
  );
});

import type { PlaneEmulator } from '@pco/plane-emulator';

/** Label of the work items that the configuration of these tests follows. */
export const LABEL = 'agent';
const BOT = 'orchestrator-bot';

export type Expected = 'new_ticket' | 'status_change' | 'comment_added';

export interface TeamOptions {
  readonly emulator: PlaneEmulator;
  readonly project: string;
  readonly seed: number;
  /** Work items that exist before the product looks for the first time. */
  readonly existing: number;
}

/**
 * People at work in Plane, at random, and what must come of it. The model is as plain as can be and shares nothing
 * with the product: every followed work item gets at most one act that asks for a ticket, beside any number of acts
 * that ask for none.
 */
export function createTeam({ emulator, project, seed, existing }: TeamOptions) {
  const random = generator(seed);
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  const take = (from: string[]): string | undefined => from.splice(Math.floor(random() * from.length), 1)[0];
  const expected = new Map<string, readonly Expected[]>();
  const young = new Set<string>(); // perhaps nobody looked between their creation and their first move
  const all: string[] = [];
  const untouched: string[] = []; // followed, and without a ticket so far
  const foreign: string[] = [];
  let made = 0;
  const create = (labels: string[], state: string): string => {
    made += 1;
    const { key } = emulator.createItem({ project, name: `work ${made}`, state, labels });
    all.push(key);
    return key;
  };
  const acts: Readonly<Record<string, () => void>> = {
    plan: () => void expected.set(create([LABEL], 'Todo'), ['new_ticket']),
    note: () => {
      const key = create([LABEL], 'Backlog');
      untouched.push(key);
      young.add(key);
    },
    planForOthers: () => void foreign.push(create([], 'Todo')),
    comment: () => {
      const key = take(untouched);
      if (key === undefined) return;
      emulator.comment(key, { html: '<p>Please have a look at this one.</p>' });
      expected.set(key, ['comment_added']);
    },
    move: () => {
      const key = take(untouched);
      if (key === undefined) return;
      emulator.editItem(key, { state: 'In Progress' });
      expected.set(key, young.has(key) ? ['status_change', 'new_ticket'] : ['status_change']);
    },
    commentElsewhere: () => void (foreign.length > 0 && emulator.comment(pick(foreign) ?? '', { html: '<p>hm</p>' })),
    moveElsewhere: () => {
      const key = pick(foreign);
      if (key) emulator.editItem(key, { state: pick(['Todo', 'In Progress', 'Done']) ?? 'Todo' });
    },
    rename: () => {
      const key = pick(all);
      if (key) emulator.editItem(key, { name: `renamed ${random()}` });
    },
    prioritise: () => {
      const key = pick(all);
      if (key) emulator.editItem(key, { priority: pick(['low', 'high', 'urgent'] as const) ?? 'low' });
    },
    ourOwnComment: () => {
      const key = pick(untouched);
      if (key) emulator.comment(key, { html: `<p>:approved: ${key} /complete finished</p>`, by: BOT });
    },
    remove: () => {
      const key = take(foreign);
      if (key === undefined) return;
      all.splice(all.indexOf(key), 1);
      emulator.deleteItem(key);
    },
  };
  const names = Object.keys(acts);
  for (let i = 0; i < existing; i += 1) {
    if (i % 7 === 0) untouched.push(create([LABEL], 'Backlog'));
    else foreign.push(create([], pick(['Backlog', 'Todo', 'In Progress', 'Done']) ?? 'Todo'));
  }
  return {
    /** Ticket id → why it must exist, one of these; all others must not. */
    expected: expected as ReadonlyMap<string, readonly Expected[]>,
    act: (): void => acts[pick(names) ?? '']?.(),
  };
}

/** Numbers in [0, 1) that a seed repeats (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '@pco/shared/config';
import type { Refusal } from './room.ts';

/** Before a host is upgraded or taken away: a file asks it to take nothing new, another says that nothing runs any more. */
export interface Drain {
  /** What to tell those who ask why nothing is taken; null while nobody asks for it. */
  refusal(): Refusal | null;
  /** @param slotsUsed counts sessions that hold slots here; asked only while it matters */
  note(slotsUsed: () => Promise<number>): Promise<void>;
}

/** A claim that was under way when the file appeared has taken its slot by the second look. */
const EMPTY_LOOKS = 2;

/**
 * Files, and not a signal or a request: they count again after a restart of ours, a program of any container of this
 * host can write and await them, and a person can see them.
 */
export function createDrain({ runner, data_dir }: Pick<Config, 'runner' | 'data_dir'>): Drain {
  const file = runner.drain_file ?? join(data_dir, 'drain');
  const done = `${file}.done`;
  let emptyLooks = 0;
  return {
    refusal: () =>
      existsSync(file) ? { code: 'DRAINING', why: `it is being emptied; removing ${file} ends that` } : null,
    async note(slotsUsed) {
      const isEmpty = existsSync(file) && (await slotsUsed()) === 0;
      emptyLooks = isEmpty ? emptyLooks + 1 : 0;
      const isKnown = existsSync(done);
      if (!isEmpty && isKnown) rmSync(done, { force: true });
      if (emptyLooks >= EMPTY_LOOKS && !isKnown && existsSync(dirname(done))) writeFileSync(done, '');
    },
  };
}

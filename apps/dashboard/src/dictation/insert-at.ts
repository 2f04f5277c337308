export interface Inserted {
  readonly value: string;
  /** Behind what was put in. */
  readonly cursor: number;
}

/** Words in place of what is selected, with blanks where they would touch other words. A service of others gave them. */
export function insertAt(value: string, [from, to]: readonly [number, number], given: string): Inserted {
  const words = given
    .replace(/\p{Cc}+/gu, ' ')
    .toWellFormed()
    .trim();
  const [before, after] = [value.slice(0, from), value.slice(to)];
  const put = `${/\S$/.test(before) ? ' ' : ''}${words}${/^[^\s.,;:!?)]/.test(after) ? ' ' : ''}`;
  return { value: before + put + after, cursor: before.length + put.length };
}

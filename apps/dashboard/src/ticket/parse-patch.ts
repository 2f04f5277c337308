export interface PatchLine {
  readonly kind: 'same' | 'added' | 'removed' | 'note';
  /** Undefined on the side where it is not. */
  readonly before: number | undefined;
  readonly after: number | undefined;
  readonly text: string;
}

export interface Hunk {
  /** Where it is, in git's words: the numbers and what they stand in. */
  readonly place: string;
  readonly lines: readonly PatchLine[];
}

const HEAD = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)$/;

/** The hunks of one file of a unified diff, each line with its numbers. What stands before the first hunk is left out. */
export function parsePatch(patch: string): Hunk[] {
  const hunks: { place: string; lines: PatchLine[] }[] = [];
  let before = 0;
  let after = 0;
  for (const line of patch.replace(/\n$/, '').split('\n')) {
    const head = HEAD.exec(line);
    if (head) {
      before = Number(head[1]);
      after = Number(head[2]);
      hunks.push({ place: line, lines: [] });
      continue;
    }
    const lines = hunks.at(-1)?.lines;
    const rest = line.slice(1);
    if (line.startsWith('+')) lines?.push({ kind: 'added', before: undefined, after: after++, text: rest });
    else if (line.startsWith('-')) lines?.push({ kind: 'removed', before: before++, after: undefined, text: rest });
    else if (line.startsWith('\\'))
      lines?.push({ kind: 'note', before: undefined, after: undefined, text: rest.trim() });
    else lines?.push({ kind: 'same', before: before++, after: after++, text: rest });
  }
  return hunks;
}

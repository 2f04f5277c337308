import type { FileChange } from '@pco/shared/contracts/http';

/** A file of a diff, with its patch as git gave it. */
export interface ParsedFile {
  readonly path: string;
  readonly oldPath: string | null;
  readonly status: FileChange['status'];
  readonly additions: number | null;
  readonly deletions: number | null;
  /** Neither is counted, because git compares no lines. */
  readonly isBinary: boolean;
  /** "" where git has shown none. */
  readonly patch: string;
}

const STATUS: Readonly<Record<string, FileChange['status']>> = {
  A: 'added',
  M: 'modified',
  D: 'deleted',
  R: 'renamed',
  C: 'copied',
  T: 'type_changed',
  U: 'unmerged',
};

interface Numbers {
  readonly additions: number | null;
  readonly deletions: number | null;
}
type Named = Pick<ParsedFile, 'path' | 'oldPath' | 'status'>;

export interface ParsedDiff {
  readonly files: readonly ParsedFile[];
  /** The end of the list was there, so that no file and no number is missing. */
  readonly hasListEnd: boolean;
}

/**
 * What `git diff --raw --numstat --patch -z` prints: names as bytes between NULs, an empty one, and then the patches.
 * Its end may be missing. A name in a patch is quoted, and a line of a file never begins one: what a file is called or
 * holds cannot be taken for another file.
 */
export function parseDiff(output: Buffer): ParsedDiff {
  const names: Named[] = [];
  const numbers = new Map<string, Numbers>();
  const words = wordsOf(output);
  let patches = '';
  let hasListEnd = false;
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === '') {
      hasListEnd = true;
      patches = words.rest();
      break;
    }
    if (word.startsWith(':')) names.push(named(word, words.next));
    else {
      const [added = '', deleted = '', ...path] = word.split('\t');
      const isMoved = path.join('\t') === '';
      if (isMoved) words.next(); // the old name
      const key = isMoved ? (words.next() ?? '') : path.join('\t');
      numbers.set(key, { additions: countOf(added), deletions: countOf(deleted) });
    }
  }
  const takePatch = patchesOf(patches);
  const files = names.map((file) => {
    const counted = numbers.get(file.path);
    const { additions, deletions } = counted ?? { additions: null, deletions: null };
    const isBinary = counted !== undefined && additions === null;
    return { ...file, additions, deletions, isBinary, patch: takePatch(file) };
  });
  return { files, hasListEnd };
}

function named(meta: string, next: () => string | undefined): Named {
  const letter = meta.split(' ')[4]?.[0] ?? '';
  const first = next() ?? '';
  const isMoved = letter === 'R' || letter === 'C';
  return {
    path: isMoved ? (next() ?? '') : first,
    oldPath: isMoved ? first : null,
    status: STATUS[letter] ?? 'modified',
  };
}

const countOf = (text: string): number | null => (text === '-' ? null : Number(text));

/** Texts that end with a NUL, one after the other; one without its end is none. */
function wordsOf(output: Buffer) {
  let at = 0;
  return {
    next(): string | undefined {
      const end = output.indexOf(0, at);
      if (end < 0) return undefined;
      const word = output.toString('utf8', at, end);
      at = end + 1;
      return word;
    },
    rest: () => output.toString('utf8', at),
  };
}

/**
 * Gives each file, in their order, the patches that begin with its name: two where a link became a file. Lines end with
 * line feeds alone: to `^` a carriage return within a file would be the begin of one.
 */
function patchesOf(text: string): (file: Named) => string {
  const sections = text.split(/(?<=\n)(?=diff --git )/);
  if (!sections[0]?.startsWith('diff --git ')) sections.shift();
  let at = 0;
  return ({ path, oldPath }) => {
    const header = `diff --git ${quoted(`a/${oldPath ?? path}`)} ${quoted(`b/${path}`)}\n`;
    const own: string[] = [];
    for (let next = sections[at]; next?.startsWith(header); next = sections[at]) {
      own.push(next.replace(/(?<=\n)\* Unmerged path [^\n]*\n/g, ''));
      at += 1;
    }
    return own.join('');
  };
}

/** For the characters 7 to 13. */
const LETTERS = 'abtnvfr';

/** As git writes a name with core.quotePath off. */
function quoted(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are meant
  const escaped = name.replace(/["\\\u0000-\u001f\u007f]/g, (char) => {
    const code = char.charCodeAt(0);
    if (code > 31 && code < 127) return `\\${char}`;
    return `\\${LETTERS[code - 7] ?? code.toString(8).padStart(3, '0')}`;
  });
  return escaped === name ? name : `"${escaped}"`;
}

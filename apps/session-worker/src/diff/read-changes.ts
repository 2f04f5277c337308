import type { Changes, FileChange } from '@pco/shared/contracts/http';
import { redactSecrets } from '@pco/shared/secrets';
import { type ParsedDiff, type ParsedFile, parseDiff } from './parse-diff.ts';
import { redactPatch } from './redact-patch.ts';
import { type GitRun, gitDiff, gitDiffNames, LARGE_FILE_MB, TookTooLong } from './run-git-diff.ts';

const FILES_MAX = 1_000;
const FILE_CHARS = 60_000;
const TOTAL_CHARS = 1_000_000;
/** Of git's output: what is beyond would not be shown. */
const OUTPUT_BYTES = 4 * 1024 * 1024;
/** Looked through for secrets before it is cut, so that none is cut into something that no longer looks like one. */
const OVERLAP_CHARS = 4_000;

const BINARY = `no text, or larger than ${LARGE_FILE_MB} MB`;
const FILE_TOO_LONG = `only its first ${FILE_CHARS.toLocaleString('en')} characters`;
const TOTAL_REACHED = 'left out: the diff is too long as a whole';
const TOO_SLOW = 'too much to compare in time: only names';
const MANY_FILES = `only the first ${FILES_MAX.toLocaleString('en')} files`;
const NOT_WHOLE = 'too many files: neither the list nor its numbers are whole';

/** Where there was no time to look. */
export const UNREAD: Changes = {
  files: [],
  files_total: 0,
  additions: 0,
  deletions: 0,
  cut: 'too much to compare in time',
};

/** The changes that `git diff` shows for these arguments, as much as a person would read. */
export async function readChanges(run: Omit<GitRun, 'maxBytes'>): Promise<Changes> {
  const bounded = { ...run, maxBytes: OUTPUT_BYTES };
  try {
    const { bytes, isCut } = await gitDiff(bounded);
    return shown(parseDiff(bytes), isCut);
  } catch (err) {
    if (!(err instanceof TookTooLong)) throw err;
    const { bytes, isCut } = await gitDiffNames(bounded);
    const names = shown(parseDiff(bytes), isCut);
    const cut = [TOO_SLOW, ...(names.cut === null ? [] : [names.cut])].join('; ');
    return { ...names, cut, files: names.files.map((file) => ({ ...file, cut: TOO_SLOW })) };
  }
}

function shown({ files, hasListEnd }: ParsedDiff, isCut: boolean): Changes {
  let left = TOTAL_CHARS;
  const last = files.findLastIndex(({ patch }) => patch !== '');
  const take = (file: ParsedFile, index: number): FileChange => {
    const { patch, cut } = patchOf(file, left, isCut && index >= last);
    left -= patch?.length ?? 0;
    const { additions, deletions, isBinary: binary, status } = file;
    const path = redactSecrets(file.path);
    const oldPath = file.oldPath === null ? null : redactSecrets(file.oldPath);
    return { path, old_path: oldPath, status, additions, deletions, binary, patch, cut };
  };
  const sum = (of: 'additions' | 'deletions') => files.reduce((total, file) => total + (file[of] ?? 0), 0);
  const reasons = [...(files.length > FILES_MAX ? [MANY_FILES] : []), ...(isCut && !hasListEnd ? [NOT_WHOLE] : [])];
  return {
    files: files.slice(0, FILES_MAX).map(take),
    files_total: files.length,
    additions: sum('additions'),
    deletions: sum('deletions'),
    cut: reasons.length > 0 ? reasons.join('; ') : null,
  };
}

function patchOf(file: ParsedFile, left: number, isEndMissing: boolean): Pick<FileChange, 'patch' | 'cut'> {
  if (file.isBinary) return { patch: null, cut: BINARY };
  if (file.patch === '') return { patch: null, cut: isEndMissing ? TOTAL_REACHED : null };
  const room = Math.min(FILE_CHARS, left);
  const clean = redactPatch(file.patch.slice(0, room + OVERLAP_CHARS));
  if (clean.length <= room && file.patch.length <= room)
    return { patch: clean, cut: isEndMissing ? TOTAL_REACHED : null };
  const whole = clean.slice(0, clean.lastIndexOf('\n', room - 1) + 1);
  if (room < FILE_CHARS) return { patch: whole === '' ? null : whole, cut: TOTAL_REACHED };
  return { patch: whole, cut: FILE_TOO_LONG };
}

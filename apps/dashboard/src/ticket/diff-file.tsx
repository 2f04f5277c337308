import type { FileChange } from '@pco/shared/contracts/http';
import { useMemo, useState } from 'react';
import { text } from '../text/index.ts';
import { type Hunk, type PatchLine, parsePatch } from './parse-patch.ts';

const t = text.diff;
/** A file with more lines is opened by whoever wants to see it. */
const LARGE = 400;

interface DiffFileProps {
  readonly id: string;
  readonly file: FileChange;
  /** On no branch. */
  readonly isLoose: boolean;
}

export function DiffFile({ id, file, isLoose }: DiffFileProps) {
  const { path, old_path, status, additions, deletions, patch } = file;
  const hunks = useMemo(() => parsePatch(patch ?? ''), [patch]);
  const count = hunks.reduce((sum, { lines }) => sum + lines.length, 0);
  const [isOpen, setOpen] = useState(count <= LARGE);
  return (
    <details
      id={id}
      open={isOpen}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
      className={`min-w-0 scroll-mt-4 rounded-lg border bg-surface ${isLoose ? 'border-dashed border-warn/60' : 'border-line'}`}
    >
      <summary className="flex min-h-11 cursor-pointer flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2 text-sm">
        <span className="min-w-0 flex-1 font-mono text-xs wrap-anywhere" dir="auto">
          {path}
          {old_path ? <span className="text-quiet"> ({t.wasAt(old_path)})</span> : null}
        </span>
        {count > LARGE ? <span className="text-xs text-quiet">{t.large(count)}</span> : null}
        <span className="text-xs text-quiet">{t.status[status]}</span>
        <Counts additions={additions} deletions={deletions} />
      </summary>
      {isOpen ? <Hunks file={file} hunks={hunks} /> : null}
    </details>
  );
}

function Hunks({ file: { binary, cut }, hunks }: { readonly file: FileChange; readonly hunks: readonly Hunk[] }) {
  if (hunks.length === 0)
    return <p className="border-t border-line p-3 text-sm text-quiet">{cut ?? (binary ? t.binary : t.noChange)}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll by keyboard too
    <div className="overflow-x-auto border-t border-line font-mono text-xs leading-5" tabIndex={0}>
      <div className="w-max min-w-full">
        {hunks.map((hunk) => (
          <div key={hunk.place} className="[content-visibility:auto]">
            <p className="bg-accent/8 px-3 py-1 whitespace-pre text-quiet">{hunk.place}</p>
            {hunk.lines.map((line, nth) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines of a hunk never move
              <Line key={nth} line={line} />
            ))}
          </div>
        ))}
        {cut ? <p className="px-3 py-1 text-warn">{cut}</p> : null}
      </div>
    </div>
  );
}

const LOOKS: Readonly<Record<PatchLine['kind'], string>> = {
  same: '',
  added: 'bg-good/12',
  removed: 'bg-bad/12',
  note: 'text-quiet',
};
const SIGNS: Readonly<Record<PatchLine['kind'], string>> = { same: ' ', added: '+', removed: '-', note: ' ' };
const NUMBER = 'w-10 shrink-0 pr-2 text-right text-quiet select-none md:w-12';

const Line = ({ line: { kind, before, after, text: words } }: { readonly line: PatchLine }) => (
  <div className={`flex ${LOOKS[kind]}`}>
    <span className={NUMBER}>{before}</span>
    <span className={NUMBER}>{after}</span>
    <span className="pr-3 whitespace-pre">
      {SIGNS[kind]}
      {words}
    </span>
  </div>
);

interface CountsProps {
  readonly additions: number | null;
  readonly deletions: number | null;
}

export const Counts = ({ additions, deletions }: CountsProps) => (
  <span className="flex gap-2 font-mono text-xs tabular-nums">
    {additions === null ? null : <span className="text-good">+{additions}</span>}
    {deletions === null ? null : <span className="text-bad">−{deletions}</span>}
  </span>
);

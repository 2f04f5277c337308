import type { TranscriptBlock, TranscriptEntry } from '@pco/shared/contracts/http';
import { Wrench } from 'lucide-react';
import { memo } from 'react';
import { Folded } from '../parts/folded.tsx';
import { When } from '../parts/when.tsx';
import { text } from '../text/index.ts';

const t = text.transcript;
const ROLES: Readonly<Record<TranscriptEntry['role'], string>> = {
  user: t.user,
  assistant: t.assistant,
  cost: t.cost,
  too_long: t.tooLong,
};

/** One line of a conversation. All of it was written by others: it is shown as text. */
export const Entry = memo(function Entry({ entry }: { readonly entry: TranscriptEntry }) {
  const { at, role, model, blocks, cost_usd } = entry;
  const isResult = blocks.length > 0 && blocks.every(({ kind }) => kind === 'tool_result');
  return (
    <li
      className={`grid min-w-0 grid-cols-[minmax(0,1fr)] gap-2 rounded-lg border border-line p-3 ${role === 'user' && !isResult ? 'bg-accent/6' : 'bg-surface'} ${isResult ? 'ml-6 border-dashed' : ''}`}
    >
      <p className="flex flex-wrap gap-x-3 text-xs text-quiet">
        <span className="font-medium text-ink">{isResult ? t.toolResult : ROLES[role]}</span>
        {model ? <span>{model}</span> : null}
        {cost_usd === null ? null : <span>${cost_usd.toFixed(2)}</span>}
        {at && !Number.isNaN(Date.parse(at)) ? <When at={at} className="ml-auto" /> : null}
      </p>
      {blocks.map((block, nth) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an entry never changes
        <Block key={nth} block={block} />
      ))}
    </li>
  );
});

function Block({ block }: { readonly block: TranscriptBlock }) {
  const cut = block.cut ? <p className="text-xs text-quiet">{t.cut}</p> : null;
  if (block.kind === 'text')
    return (
      <div className="min-w-0">
        <Folded>{block.text}</Folded>
        {cut}
      </div>
    );
  if (block.kind === 'thinking')
    return (
      <details className="min-w-0 text-sm text-quiet">
        <summary className="cursor-pointer">{t.thinking}</summary>
        <Folded className="pt-1 italic">{block.text}</Folded>
        {cut}
      </details>
    );
  if (block.kind === 'tool_call')
    return (
      <div className="grid min-w-0 gap-1">
        <p className="flex items-center gap-2 text-sm font-medium wrap-anywhere">
          <Wrench size={14} aria-hidden className="shrink-0 text-quiet" />
          {block.name}
        </p>
        <Folded isCode>{readable(block.input)}</Folded>
        {cut}
      </div>
    );
  return (
    <div className="grid min-w-0 gap-1">
      {block.is_error ? <p className="text-xs font-medium text-bad">{t.toolError}</p> : null}
      <Folded isCode>{block.text}</Folded>
      {cut}
    </div>
  );
}

/** What a call was given, a line or more for each value; what is cut off is no JSON any more and stays as it is. */
function readable(json: string): string {
  try {
    const input: unknown = JSON.parse(json);
    if (typeof input !== 'object' || input === null) return json;
    return Object.entries(input)
      .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value, null, 2)}`)
      .join('\n');
  } catch {
    return json;
  }
}

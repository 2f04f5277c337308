import type { TicketDetail, WriteBackView } from '@pco/shared/contracts/http';
import { Badge, type Tone } from '../parts/badge.tsx';
import { Folded } from '../parts/folded.tsx';
import { When } from '../parts/when.tsx';
import { text } from '../text/index.ts';

const t = text.attempts;

const TONES: Readonly<Record<WriteBackView['status'], Tone>> = {
  waiting: 'neutral',
  under_way: 'accent',
  done: 'good',
  failed: 'bad',
};

interface WriteBacksProps {
  readonly writeBacks: TicketDetail['write_backs'];
  readonly planeUrl: string | null;
}

/** What was written to Plane, in order, and what Plane answered. A write that failed stands beside the one that did not. */
export const WriteBacks = ({ writeBacks, planeUrl }: WriteBacksProps) => (
  <section className="grid min-w-0 gap-3" aria-labelledby="write-backs">
    <h3 id="write-backs" className="font-semibold">
      {t.writeBacks}
    </h3>
    {writeBacks.length === 0 ? (
      <p className="text-sm text-quiet">{t.noWriteBacks}</p>
    ) : (
      <ol className="grid min-w-0 rounded-lg border border-line bg-surface">
        {writeBacks.map((write, nth) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they only ever grow at the end
          <li key={nth} className="grid min-w-0 gap-1 border-line p-4 not-first:border-t">
            <WriteBack write={write} planeUrl={planeUrl} />
          </li>
        ))}
      </ol>
    )}
  </section>
);

function WriteBack({ write, planeUrl }: { readonly write: WriteBackView; readonly planeUrl: string | null }) {
  const { effect, status, at, since, comment_id, state_id, error, error_code } = write;
  const id = comment_id ?? state_id;
  return (
    <>
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        <span className="font-medium">{t.what[effect]}</span>
        <Badge tone={status === 'done' && error ? 'warn' : TONES[status]}>{t.status[status]}</Badge>
        {id ? (
          <code className="min-w-0 text-xs text-quiet wrap-anywhere">
            {comment_id && planeUrl ? (
              <a className="text-accent hover:underline" href={planeUrl} target="_blank" rel="noreferrer">
                {t.id(id)}
              </a>
            ) : (
              t.id(id)
            )}
          </code>
        ) : null}
        {at || since ? <When at={at ?? since ?? ''} className="ml-auto text-xs text-quiet" /> : null}
      </p>
      {error ? (
        <Folded className={status === 'failed' ? 'text-bad' : 'text-warn'}>
          {error_code ? `${error_code}: ${error}` : error}
        </Folded>
      ) : null}
    </>
  );
}

import { LoaderCircle, X } from 'lucide-react';
import { Button } from '../parts/button.tsx';
import { text } from '../text/index.ts';
import { Recording } from './recording.tsx';
import type { Dictation } from './use-dictation.ts';

const LINE = 'flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1 text-sm';

/** Where a dictation is, under the field into which its words will come. */
export function DictationStatus({ dictation: { state, again, cancel } }: { readonly dictation: Dictation }) {
  const { askingFor, transcribing, inserted, again: tryAgain } = text.dictation;
  if (state.phase === 'recording')
    return (
      <div className={LINE}>
        <Recording recorder={state.recorder} />
        <Button look="quiet" onClick={cancel}>
          {text.cancel}
        </Button>
      </div>
    );
  if (state.phase === 'failed')
    return (
      <div className={LINE}>
        <p role="alert" className="min-w-0 flex-1 text-bad wrap-anywhere" dir="auto">
          {state.why}
        </p>
        {state.recording ? <Button onClick={again}>{tryAgain}</Button> : null}
        <Button look="quiet" square aria-label={text.dismiss} onClick={cancel}>
          <X size={16} aria-hidden />
        </Button>
      </div>
    );
  return (
    <p role="status" className={state.phase === 'idle' ? 'sr-only' : `${LINE} text-quiet`}>
      {state.phase === 'asking' ? askingFor : null}
      {state.phase === 'transcribing' ? (
        <>
          <LoaderCircle size={16} className="animate-spin" aria-hidden />
          {transcribing}
        </>
      ) : null}
      {state.phase === 'inserted' ? inserted : null}
    </p>
  );
}
